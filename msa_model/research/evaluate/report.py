"""Figures as tables: a header and rows of text, for the terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from msa_model.measure.evaluation import DistinctCaptions, Evaluation
from msa_model.measure.metrics import Intervals, Recall
from msa_model.measure.tables import ReportTable, Row
from msa_model.research.evaluate.blocks import BlockFigures, Blocks, ContextEvaluation
from msa_model.research.evaluate.classes import LanguageEvaluation, PhraseEvaluation, ZeroShot
from msa_model.research.evaluate.confusions import Confusions, Source
from msa_model.research.evaluate.robustness import SHARES, Robustness, SmallObjects
from msa_model.research.evaluate.scenes import SceneEvaluation
from msa_model.research.evaluate.selo import Localisation


def retrieval_tables(result: Evaluation) -> list[ReportTable]:
    """Recall by both protocols; each with its interval where there is one."""
    header = ("protocol", "I→T R@1", "R@5", "R@10", "T→I R@1", "R@5", "R@10", "mR", "median I→T", "T→I")
    rows = [_retrieval_row(f"{result.captions} captions", result)]
    if result.interval:
        rows.append(_interval_row(result.interval))
    distinct = result.distinct_captions
    rows.append(_retrieval_row(f"{distinct.captions} distinct captions", distinct))
    return [ReportTable(header, tuple(rows))]


def class_tables(result: ZeroShot) -> list[ReportTable]:
    """Zero-shot figures: the whole, and each class."""
    rows = [(c.label, str(c.images), f"{c.ap:.1f}", f"{c.recall:.1f}") for c in result.classes]
    total = ("all", str(result.images), f"{result.map:.1f}", f"{result.top1:.1f}")
    return [ReportTable(("class", "images", "AP", "top-1"), (*rows, total))]


def phrase_tables(result: PhraseEvaluation) -> list[ReportTable]:
    """Each phrase as a query, and how far a class's phrases agree."""
    rows = [(r.label, r.phrase, f"{r.p10:.0f}", f"{r.p20:.0f}", f"{r.ap:.1f}") for r in result.phrases]
    mean = ("mean", "", f"{result.p10:.1f}", f"{result.p20:.1f}", f"{result.map:.1f}")
    pairs = [(s.label, f"{s.overlap10:.0f}", f"{s.rbo:.0f}") for s in result.synonyms]
    means = ("mean", f"{result.overlap10:.1f}", f"{result.rbo:.1f}")
    return [
        ReportTable(("class", "phrase", "P@10", "P@20", "AP"), (*rows, mean), words=2),
        ReportTable(("synonyms of", "overlap@10", "RBO"), (*pairs, means)),
    ]


def language_tables(result: LanguageEvaluation) -> list[ReportTable]:
    """Each language beside English."""
    rows = [
        (
            r.language,
            str(r.phrases),
            f"{r.p10:.1f}",
            f"{r.map:.1f}",
            f"{r.of_english:.1f}",
            str(r.english),
            str(r.listed),
            f"{r.p10_others:.1f}",
        )
        for r in result.languages
    ]
    read = ("read as English", "in the glossary", "P@10 of the others")
    header = ("language", "phrases", "P@10", "AP", "% of English", *read)
    return [ReportTable(header, tuple(rows))]


def scene_tables(result: SceneEvaluation) -> list[ReportTable]:
    """Semantic localisation: each scene, and the mean."""
    rows = [(scene.image, scene.query, *_localisation(scene.figures)) for scene in result.scenes]
    mean = ("mean", f"windows by {result.rule} size", *_localisation(result.mean))
    return [ReportTable(("image", "query", "Rsu", "Ras", "Rda", "Rmi"), (*rows, mean), words=2)]


def context_tables(result: ContextEvaluation) -> list[ReportTable]:
    """Tiles alone and in mosaics."""
    rows = [("alone", "", "", *_context(result.alone, result.alone))]
    for mosaic in result.mosaics:
        name = f"{mosaic.grid} × {mosaic.grid} mosaic"
        cosines = (f"{mosaic.cosine_mean:.3f}", f"{mosaic.cosine_p5:.3f}")
        rows.append((name, *cosines, *_context(mosaic.retrieval, result.alone)))
    header = (
        "images",
        "cosine",
        "5 % below",
        "I→T R@1",
        "R@5",
        "R@10",
        "T→I R@1",
        "R@5",
        "R@10",
        "mR",
        "change",
    )
    return [ReportTable(header, tuple(rows))]


def _context(result: Evaluation, alone: Evaluation) -> Sequence[str]:
    recalls = (*_recalls(result.i2t), *_recalls(result.t2i))
    return [*recalls, f"{result.mr:.2f}", f"{result.mr - alone.mr:+.2f}"]


def _localisation(figures: Localisation) -> Sequence[str]:
    return [f"{value:.4f}" for value in (figures.rsu, figures.ras, figures.rda, figures.rmi)]


def _retrieval_row(name: str, result: Evaluation | DistinctCaptions) -> Row:
    medians = (f"{result.median_rank.i2t:g}", f"{result.median_rank.t2i:g}")
    return (name, *_recalls(result.i2t), *_recalls(result.t2i), f"{result.mr:.2f}", *medians)


def _recalls(recall: Recall) -> Sequence[str]:
    return [f"{value:.2f}" for value in (recall.r1, recall.r5, recall.r10)]


def _interval_row(found: Intervals) -> Row:
    limits = [*found.i2t.values(), *found.t2i.values(), found.mr]
    return (f"{found.level:.0%} interval", *(f"{low:.1f} – {high:.1f}" for low, high in limits), "", "")


SOURCE_HEADER = ("source", "images", "classes", "top-1 of its set", "of all sets", "or shown as well")


def confusion_tables(result: Confusions, most: int = 20) -> list[ReportTable]:
    """Each source, and the pairs that are confused most often."""
    pairs = [
        (pair.label, pair.answer, str(len(pair.places)), f"{pair.share:.0f}") for pair in result.pairs[:most]
    ]
    return [
        ReportTable(SOURCE_HEADER, tuple(map(source_row, (*result.sources, result.total)))),
        ReportTable(("is", "is called", "images", "% of the class"), tuple(pairs), words=2),
    ]


def source_row(source: Source) -> Row:
    """What stands under `SOURCE_HEADER`."""
    figures = (source.own, source.all, source.shown)
    return (source.source, str(source.images), str(source.classes), *(f"{value:.1f}" for value in figures))


def small_tables(result: SmallObjects) -> list[ReportTable]:
    """Percent found, and AUROC, by the share of the tile that the object covers."""
    header = ("object", *(f"{share:.0%}" for share in SHARES))
    found = [(c.label, *(f"{value:.0f}" for value in c.found)) for c in result.classes]
    auroc = [(c.label, *(f"{value:.2f}" for value in c.auroc)) for c in result.classes]
    return [
        ReportTable(header, (*found, ("mean", *(f"{value:.1f}" for value in result.found)))),
        ReportTable(("AUROC", *header[1:]), (*auroc, ("mean", *(f"{value:.3f}" for value in result.auroc)))),
    ]


def robustness_tables(result: Robustness) -> list[ReportTable]:
    """Each change beside the images as they are."""
    rows = [
        (r.kind, r.strength, f"{r.mr:.2f}", f"{r.p10:.1f}", f"{r.cosine:.3f}", f"{r.cosine5:.3f}")
        for r in result.rows
    ]
    header = ("change", "strength", "mR", "short phrases P@10", "cosine", "5 % below")
    return [ReportTable(header, tuple(rows), words=2)]


def block_tables(results: Sequence[Blocks]) -> list[ReportTable]:
    """Each overlap, both ways."""
    header = ("hop", "tiles", "encoded", "P@20", "mAP", "best tile right", "cosine", "1 % below")
    rows: list[Row] = []
    for found in results:
        cosines = (f"{found.cosine_mean:.3f}", f"{found.cosine_p1:.3f}")
        hop = (f"{1 - found.overlap:g}", str(found.tiles))
        rows += [
            (*hop, "each by itself", *_finding(found.alone), "1", "1"),
            (*hop, "out of blocks", *_finding(found.blocks), *cosines),
        ]
    return [ReportTable(header, tuple(rows), words=3)]


def _finding(found: BlockFigures) -> Sequence[str]:
    return [f"{value:.2f}" for value in (found.p20, found.map, found.pointed)]
