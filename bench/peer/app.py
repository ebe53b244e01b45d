"""ASGI application of the benchmark's comparison system: `uvicorn bench.peer.app:app`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI

from bench.peer import reading, receiving

POOL = 4  # connections a process: more were slower on 2 cores


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Reads go to the product's own tables, as a role that its policies let see everything: by key, they cost it next to nothing.
    settings = {"search_path": "peer, public", "app.user_role": "sb_admin"}
    async with asyncpg.create_pool(
        os.environ["PEER_DATABASE"], min_size=POOL, max_size=POOL, server_settings=settings
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)
app.include_router(receiving.router)
app.include_router(reading.router)
