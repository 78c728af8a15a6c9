"""Let hubs ring when feeds have news: the subscriber's side of WebSub (W3C Recommendation of 23 January 2018)."""
