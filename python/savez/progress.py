"""Progress bars for whatever takes ``progress=``, by the packages ``tqdm`` and ``rich``.

Neither is needed unless it is used. ``progress=`` takes any callable: it is called now and then, and at the
end, with the number of bytes done since the last call. What it raises stops the work.
"""

import contextlib

__all__ = ["rich", "tqdm"]


@contextlib.contextmanager
def tqdm(total=None, **options):
    """
    A bar of ``tqdm``.

    Parameters
    ----------
    total : int, optional
        The number of bytes that will be done.
    **options
        For `tqdm.tqdm`, such as ``desc``.

    Returns
    -------
    context manager
        What it gives is for ``progress=``. At its exit, the bar is closed.

    Examples
    --------
    >>> import io, sys
    >>> import numpy as np, savez
    >>> from savez import progress
    >>> arrays = {"w": np.zeros(1000)}
    >>> with progress.tqdm(total=8000, desc="saving", file=sys.stderr) as bar:
    ...     savez.write(io.BytesIO(), arrays, progress=bar)
    """
    from tqdm import tqdm as bar

    options = {"unit": "B", "unit_scale": True, "unit_divisor": 1024} | options
    with bar(total=total, **options) as shown:
        yield shown.update


@contextlib.contextmanager
def rich(total=None, *, description="", **options):
    """
    A bar of ``rich``.

    Parameters
    ----------
    total : int, optional
        The number of bytes that will be done.
    description : str
        In front of the bar.
    **options
        For `rich.progress.Progress`, such as ``console``.

    Returns
    -------
    context manager
        What it gives is for ``progress=``. At its exit, the bar stands still.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> from savez import progress
    >>> file = io.BytesIO()
    >>> savez.savez(file, w=np.zeros(1000))
    >>> archive = savez.open(file)
    >>> with progress.rich(archive["w"].nbytes, disable=True) as bar:
    ...     arrays = archive.read_all(progress=bar)
    """
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, **options) as shown:
        task = shown.add_task(description, total=total)

        def progress(done):
            shown.update(task, advance=done)

        yield progress
