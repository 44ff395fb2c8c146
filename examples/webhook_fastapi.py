"""Conversions over HTTP into the feedback loop, mounted in FastAPI.

``META_APP_SECRET`` signs what comes in, ``META_VERIFY_TOKEN`` proves the handshake of a subscription. Run it with
``uvicorn --app-dir examples webhook_fastapi:app``; any other framework mounts :meth:`handle_webhook` in the same few lines.
"""

import os

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from geminivideo.capi_feedback_loop import CAPIFeedbackLoop

LARGEST = 10 << 20


def make_app(feedback: CAPIFeedbackLoop) -> FastAPI:
    """Make an application whose ``/conversions`` answers once events are durable."""
    app = FastAPI(title="Conversions")

    @app.api_route("/conversions", methods=["GET", "POST"])
    async def conversions(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                return Response('{"error": "allowed are 10 MiB"}', 413, media_type="application/json")
        status, content_type, text = await run_in_threadpool(
            feedback.handle_webhook,
            request.method,
            f"{request.url.path}?{request.url.query}",
            list(request.headers.items()),
            body,
            app_secret=os.environ["META_APP_SECRET"],
            verify_token=os.environ.get("META_VERIFY_TOKEN", ""),
        )
        return Response(text, status, media_type=content_type)

    return app


app = make_app(CAPIFeedbackLoop()) if __name__ != "__main__" and "META_APP_SECRET" in os.environ else None
