"""Why a row or a cell is refused 隔离原因: stable codes with words in both languages, and what the sender should do."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason for the quarantine. The words never quote the cell."""

    code: str
    zh: str
    en: str

    def text(self, lang: str) -> str:
        """English for `en`, Chinese for every other language."""
        return self.en if lang == "en" else self.zh


_ROWS = (
    Reason("DD-ROW-001", "这一行的文字不符合文件的编码", "the line is not valid in the file's encoding"),
    Reason("DD-ROW-002", "这一行是用另一种编码写的（乱码）", "the line was written in another encoding"),
    Reason("DD-ROW-003", "这一行含有空字节（NUL）", "the line holds NUL bytes"),
    Reason("DD-ROW-004", "列数比表头少", "the row has fewer columns than the header"),
    Reason("DD-ROW-005", "列数比表头多", "the row has more columns than the header"),
    Reason("DD-ROW-006", "引号没有正确配对", "quotation marks are not closed, or stand in the wrong place"),
    Reason("DD-ROW-007", "这一行过长", "the line is too long"),
    Reason("DD-ROW-008", "同一主键的几行内容互相矛盾", "rows with the same key contradict each other"),
    Reason("DD-ROW-009", "与前面的一行完全相同（重复）", "the row repeats an earlier one exactly"),
)
_CELLS = (
    Reason("DD-CELL-001", "必填项为空", "a required cell is empty"),
    Reason("DD-CELL-002", "含有控制字符或无法辨认的字符", "it holds control or unreadable characters"),
    Reason("DD-CELL-003", "文字过长", "the text is too long"),
    Reason("DD-CELL-004", "姓名中有不应出现的字符", "a name holds characters that no name has"),
    Reason("DD-CELL-005", "单元格是公式而不是内容", "the cell is a formula, not content"),
    Reason("DD-CELL-006", "单元格是 Excel 错误值", "the cell is an Excel error value"),
    Reason(
        "DD-CELL-007",
        "被 Excel 存成了超过 15 位的数字，末尾已经丢失；请把该列设为文本后重新导出",
        "Excel kept it as a number of more than 15 digits and lost its end; export the column as text",
    ),
    Reason("DD-CELL-010", "不是 18 位或 15 位的公民身份号码", "not an identity number of 18 or 15 digits"),
    Reason("DD-CELL-011", "末位是形似 X 的其他字符", "the last character only looks like an X"),
    Reason("DD-CELL-012", "公民身份号码的校验码不对", "the check digit of the identity number is wrong"),
    Reason("DD-CELL-013", "公民身份号码中的出生日期不存在", "the birth date in the identity number does not exist"),
    Reason("DD-CELL-014", "公民身份号码中的出生日期在将来", "the birth date in the identity number is in the future"),
    Reason(
        "DD-CELL-015",
        "公民身份号码被 Excel 存成了数字，末尾已经丢失；请把该列设为文本后重新导出",
        "Excel kept the identity number as a number and lost its end; export the column as text",
    ),
    Reason(
        "DD-CELL-016",
        "15 位号码的顺序码为 996 至 999，无法判断出生世纪",
        "the 15-digit number has a sequence of 996 to 999, so the century of birth can't be told",
    ),
    Reason("DD-CELL-020", "不是可识别的日期", "not a date in a known spelling"),
    Reason("DD-CELL-021", "日期不存在", "there is no such day"),
    Reason("DD-CELL-022", "日期在将来", "the day is in the future"),
    Reason("DD-CELL-023", "日期早得不合理", "the day is too early to be believed"),
    Reason("DD-CELL-024", "不是可识别的月份", "not a month in a known spelling"),
    Reason("DD-CELL-025", "与同一行另一单元格矛盾（日期先后或金额大小）", "it contradicts another cell of the row"),
    Reason("DD-CELL-030", "不是可识别的金额", "not an amount in a known spelling"),
    Reason("DD-CELL-031", "金额为负", "the amount is negative"),
    Reason("DD-CELL-032", "金额不是普通数字（NaN、无穷大或科学计数法）", "NaN, infinite or in scientific notation"),
    Reason("DD-CELL-033", "金额超出合理范围", "the amount is beyond what is plausible"),
    Reason("DD-CELL-034", "金额精确到分以下", "the amount has parts of a fen"),
    Reason("DD-CELL-040", "不是整数", "not a whole number"),
    Reason("DD-CELL-041", "数值超出合理范围", "the number is beyond what is plausible"),
    Reason("DD-CELL-050", "不在约定的代码表中", "not in the agreed list of codes"),
    Reason("DD-CELL-060", "不是约定位数的区划代码", "not a division code of the agreed length"),
    Reason("DD-CELL-070", "不是可识别的电话号码", "not a telephone number"),
)

REASONS: Mapping[str, Reason] = {reason.code: reason for reason in (*_ROWS, *_CELLS)}
DUPLICATE_CODE = "DD-ROW-009"


def reason_in_words(code: str, lang: str) -> str:
    """What a code means, in the reader's language."""
    return REASONS[code].text(lang)
