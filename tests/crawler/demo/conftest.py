import aiohttp
import pytest
import pytest_asyncio

from crawler.demo.manuscripts import load_manuscripts
from crawler.demo.newsroom import Newsroom


@pytest.fixture(scope="session")
def manuscripts():
    return {manuscript.id: manuscript for manuscript in load_manuscripts()}


@pytest_asyncio.fixture
async def newsroom(manuscripts):
    async with Newsroom(tuple(manuscripts.values())) as opened:
        yield opened


@pytest_asyncio.fixture
async def browser():
    async with aiohttp.ClientSession() as session:
        yield session
