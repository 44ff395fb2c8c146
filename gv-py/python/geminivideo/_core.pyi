__all__ = ["__version__", "error_table"]

__version__: str

def error_table() -> list[tuple[str, int, BaseException]]: ...
