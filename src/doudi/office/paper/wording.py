"""The fixed words of letters and sheets, Chinese and English side by side, so that they are proof-read together.

Legal periods: administrative reconsideration within 60 days of knowing the decision, to the people's government above
(行政复议法 arts. 20, 24); an action at the people's court within six months (行政诉讼法 art. 46).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Wording:
    """Picks one language. `zh` is the default of the office; everything but `zh` reads English."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        """A fixed text with its blanks filled in."""
        chinese, english = _TEXTS[key]
        return (chinese if self.lang == "zh" else english).format(**values)

    def day(self, day: date) -> str:
        """A date as it is written in a letter."""
        if self.lang == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def month(self, text: str) -> str:
        """A month such as `2026-12` as it is written in a letter."""
        year, month = int(text[:4]), int(text[5:])
        return f"{year}年{month}月" if self.lang == "zh" else f"{_MONTHS[month - 1]} {year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_TEXTS: Mapping[str, tuple[str, str]] = {
    "office": ("{county}民政局", "Civil Affairs Bureau of {county}"),
    "government": ("{county}人民政府", "the people's government of {county}"),
    "title_approve": ("{programme}确认通知书", "Notice of approval: {programme}"),
    "title_refuse": ("{programme}不予确认告知书", "Notice of refusal: {programme}"),
    "number": ("编号：{number}", "Case {number}"),
    "addressee": ("{name}：", "To {name}"),
    "identity": ("身份证号：{masked}", "Identity number: {masked}"),
    "place": ("住址所在地：{place}", "Place: {place}"),
    "opening": (
        "您家于{applied}提出的{programme}申请，{what}。现将决定告知如下。",
        "Your family's application of {applied} for {programme} {what}. This letter tells you the decision.",
    ),
    "opening_direct": (
        "我们于{applied}了解到您家的困难，按{programme}办理，{what}。现将决定告知如下。",
        "On {applied} we learned of your family's hardship and took it up as {programme}; it {what}. This letter tells "
        "you the decision.",
    ),
    "opening_done": ("已经{done}", "has been {done}"),
    "opening_urgent": ("因情况紧急，先行救助，手续后补", "was urgent: help comes first, and papers follow"),
    "and": ("、", ", "),
    "title_increase": ("{programme}增发决定书", "Notice of a higher amount: {programme}"),
    "title_decrease": ("{programme}减发决定书", "Notice of a lower amount: {programme}"),
    "title_ending": ("{programme}停发决定书", "Notice of the end: {programme}"),
    "title_gradual_exit": ("{programme}渐退决定书", "Notice of gradual exit: {programme}"),
    "opening_running": (
        "您家正在享受{programme}。经复核，现将决定告知如下。",
        "Your family receives {programme}. After a review this letter tells you the decision.",
    ),
    "decision_increase": ("决定：提高您家每月的金额。", "Decision: your family's monthly amount is raised."),
    "decision_decrease": ("决定：降低您家每月的金额。", "Decision: your family's monthly amount is lowered."),
    "decision_ending": ("决定：停止发放{programme}。", "Decision: {programme} ends."),
    "decision_gradual_exit": (
        "决定：您家进入渐退期，期满后停止发放{programme}。",
        "Decision: gradual exit; after it {programme} ends.",
    ),
    "amount_before": ("原每月金额", "Each month so far"),
    "amount_new": ("新每月金额", "Each month from now"),
    "from_notice": (
        "告知期（送达后 {days} 日）满以后的月份起；之前照原金额发放",
        "the months after the notice of {days} days from delivery has ended; until then the amount stays",
    ),
    "last_month": ("最后发放月份", "Last month paid"),
    "last_month_notice": ("告知期（送达后 {days} 日）期满的当月", "the month in which the {days} days of notice end"),
    "differences_heading": ("与原来相比有哪些变化", "What is different from before"),
    "difference": ("变化", "What"),
    "before": ("原来", "Before"),
    "now": ("现在", "Now"),
    "effect": ("单独的影响", "What it alone does"),
    "cause_death": ("领取人已经去世。", "The person who received it has died."),
    "objection_running": (
        "在上述期限内提出异议的，在另一名工作人员答复以前，照原金额继续发放；异议成立的，按月补足。",
        "If you object in that time, the old amount goes on until another officer has answered; if you are right, "
        "every month is made up in full.",
    ),
    "done_visit": ("入户调查", "looked into at your home"),
    "done_check": ("信息核对", "compared with the departments' data"),
    "done_publicity": ("公示", "publicised"),
    "done_meeting": ("一事一议", "discussed in a meeting"),
    "done_review": ("审核", "reviewed"),
    "decision_approve": ("决定：给予您家{programme}。", "Decision: your family is granted {programme}."),
    "decision_refuse": (
        "决定：对您家的{programme}申请不予确认。",
        "Decision: your family's application for {programme} is refused.",
    ),
    "amount_monthly": ("每月金额", "Each month"),
    "amount_once": ("一次性金额", "Once"),
    "amount_yearly": ("本年度金额", "For the year"),
    "holds": ("认定有效期", "The recognition holds"),
    "holds_until": ("至{day}（含当日）", "until {day}, that day included"),
    "holds_open": ("另有决定前一直有效", "until it is decided otherwise"),
    "amount_value": ("{figures} 元（大写：人民币{words}）", "{figures} yuan (人民币{words})"),
    "from": ("发放时间", "Paid from"),
    "from_value": ("从 {month} 起，按月发放", "{month} on, every month"),
    "from_once": ("{month}，一次发放", "{month}, once"),
    "account": ("发放账户", "Paid to"),
    "account_value": ("{bank}，账号 {masked}", "{bank}, account {masked}"),
    "account_none": ("还没有登记账户，请到乡镇（街道）登记", "no account yet: please register one at your township"),
    "reason_heading": ("为什么这样决定", "Why it was decided so"),
    "departs": (
        "按规则测算的结果与本决定不同；本决定以上述理由为准。",
        "What the rules calculate differs from this decision; the reason given above is what counts.",
    ),
    "rules_heading": ("按规则逐项测算", "What the rules say, one by one"),
    "met": ("符合", "Met"),
    "not_met": ("不符合", "Not met"),
    "unknown": ("不清楚", "Unknown"),
    "citation": ("依据：{citation}", "Rule: {citation}"),
    "annex_title": ("附件（{number}）", "Annex to case {number}"),
    "rules_annex": (
        "用到的每一项情况、来源和标准列在附件里。",
        "Each fact used, its source and the standards are listed in the annex.",
    ),
    "facts_heading": ("用到的情况和来源", "The facts used, and where they come from"),
    "fact": ("情况", "Fact"),
    "value": ("内容", "Value"),
    "source": ("来源", "Source"),
    "as_of": ("截至", "As of"),
    "unknown_since": ("{day}起不清楚", "not known since {day}"),
    "parameters_heading": ("用到的标准", "The standards used"),
    "standard": ("标准", "Standard"),
    "set_by": ("适用地区", "Set for"),
    "in_force": ("文件和施行日期", "Document and date"),
    "in_force_value": ("{citation}，{day}起施行", "{citation}, in force from {day}"),
    "status_recalled": ("（数值待核对）", " (figure not yet confirmed)"),
    "status_example": ("（演示数值）", " (figure for demonstration)"),
    "flips_heading": ("什么情况会改变结果", "What would change the result"),
    "objection_heading": ("如果您不同意", "If you do not agree"),
    "objection_ask": (
        "可以先到乡镇（街道）或本局说明情况、补充材料，我们会当面解释。",
        "You can come to the township or to this bureau first, bring further papers and have it explained.",
    ),
    "objection_appeal": (
        "也可以自知道本决定之日起 60 日内，向{government}申请行政复议；"
        "或者自知道之日起六个月内，依法向人民法院提起行政诉讼。",
        "You may apply to {government} for administrative reconsideration within 60 days of learning of this decision, "
        "or bring an action at the people's court within six months.",
    ),
    "objection_until": (
        "本通知于{delivered}送达，申请行政复议的最后一天是 {until}。",
        "This notice was delivered on {delivered}; the last day to apply for reconsideration is {until}.",
    ),
    "duty_heading": ("请您留意", "Please note"),
    "duty_report": (
        "家里的人口、收入或财产有变化时，请及时告诉乡镇（街道）；金额会按规定调整。",
        "Please tell your township when members, income or assets of your family change; the amount follows the rules.",
    ),
    "duty_later": (
        "今后情况有变化，可以随时重新申请；遇到急难，也可以申请临时救助。",
        "If things change you can apply again at any time; in an emergency you can ask for temporary assistance.",
    ),
    "seal_note": ("（盖章）", "(seal)"),
    "receipt": (
        "送达回证　　收件人签名：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿年＿＿月＿＿日　　送达人：＿＿＿＿＿＿",
        "Received by (signature): ____________________   Date: ______________   Delivered by: ______________",
    ),
    "footer": (
        "规则包 {release}（{hash}） · 测算日期 {day} · 决定由工作人员作出",
        "Rule pack {release} ({hash}) · assessed on {day} · decided by people",
    ),
    "source_declared": ("本人申报", "told by the family"),
    "source_visit": ("入户调查", "home visit"),
    "source_office": ("民政部门", "civil affairs office"),
    "source_recheck": ("异议复查", "re-check"),
    "source_county": ("异地协查答复", "another county's answer"),
    "report_title": ("居民家庭经济状况核对报告", "Verification report on the family's means"),
    "report_number": ("编号：{number}　第 {version} 版", "Report {number}, version {version}"),
    "report_opening": (
        "受您家授权，就{programme}申请核对了家庭经济状况。部门数据截至{day}；据此作出决定的有效期至{until}。",
        "With your family's authorisation its means were verified for the application for {programme}. The data of the "
        "departments is of {day}; a decision may rest on this report until {until}.",
    ),
    "report_expired": (
        "本报告已于{day}到期，不能再作为决定的依据；须重新核对。",
        "This report held until {day}. No decision may rest on it any more; the departments have to be asked again.",
    ),
    "report_item": ("项目", "Item"),
    "report_declared": ("申报", "Declared"),
    "report_found": ("部门查到（来源、日期、文件、行）", "Found (source, day, file, row)"),
    "report_seen": ("入户或复查", "Visit or re-check"),
    "report_difference": ("差异", "Difference"),
    "report_rules": ("规则如何使用（条件、标准、依据）", "What the rules do with it"),
    "report_differs": ("有差异的项目", "What differs"),
    "report_people": ("只由本人申报或入户了解", "Told by people alone"),
    "report_household": ("全家", "the household"),
    "report_no_data": ("没有数据", "no data"),
    "report_nobody_knows": ("不清楚，不按零计算", "not known, and not taken as zero"),
    "report_used": ("采用：{value}", "Used: {value}"),
    "report_no_rule": ("本项目没有条件用到此项", "no condition of this programme reads it"),
    "report_file": ("文件 {file}", "file {file}"),
    "report_row": ("第 {row} 行", "row {row}"),
    "report_not_same": ("不一致", "not the same"),
    "report_more": ("比申报多 {amount}", "{amount} more than told"),
    "report_less": ("比申报少 {amount}", "{amount} less than told"),
    "report_yuan": ("{amount} 元", "{amount} yuan"),
    "report_not_asked": ("尚未听取家庭意见。", "The family has not been asked yet."),
    "report_agrees": ("{name}（{day}）认可：{text}", "{name} ({day}) agrees: {text}"),
    "report_explains": ("{name}（{day}）说明：{text}", "{name} ({day}) explains: {text}"),
    "report_objects": ("{name}（{day}）提出异议：{text}", "{name} ({day}) objects: {text}"),
    "report_paper": ("（材料：{paper}）", " (paper: {paper})"),
    "report_rechecking": ("正在复查，最后一天是{day}。", "It is being re-checked; the last day is {day}."),
    "report_stands": (
        "复查（{who}）：{reply} 原查到的数值成立，规则采用：{value}。",
        "Re-check ({who}): {reply} The figure found stands; the rules use: {value}.",
    ),
    "report_corrected": (
        "复查（{who}）：{reply} 原查到的数值有误，规则改用：{value}。",
        "Re-check ({who}): {reply} The figure found was wrong; the rules use: {value}.",
    ),
    "report_unknown": (
        "“没有数据”指部门没有提供，不等于零，也不作为拒绝的理由。",
        "“No data” means that a department said nothing. It is not zero, and no ground to refuse.",
    ),
    "report_objection": (
        "您对查到的任何一项有异议，可以向乡镇（街道）说明并提供材料，由原核对人员以外的人复查；复查答复前不作决定。",
        "You may dispute any figure at your township and bring evidence. Somebody other than who asked for it then "
        "re-checks it, and nothing is decided before the answer.",
    ),
    "report_footer": (
        "核对报告 {number} · 线索不等于结论",
        "Verification report {number} · a hit is a lead, not a decision",
    ),
    "sheet_title": ("公示", "Public notice"),
    "sheet_subtitle": ("{programme}初审意见", "Preliminary opinion: {programme}"),
    "sheet_opening": (
        "根据《最低生活保障审核确认办法》，现将以下家庭的初审意见予以公示。",
        "Under the Measures for the Review and Confirmation of Minimum Living Security, the preliminary opinion on the "
        "following family is made public.",
    ),
    "sheet_applicant": ("申请人", "Applicant"),
    "sheet_members": ("家庭人口", "Family members"),
    "sheet_members_value": ("{count} 人", "{count}"),
    "sheet_village": ("所在村（社区）", "Village or community"),
    "sheet_opinion": ("初审意见", "Preliminary opinion"),
    "sheet_approve": ("拟同意", "to be approved"),
    "sheet_refuse": ("拟不同意", "to be refused"),
    "sheet_days": ("公示时间", "On display"),
    "sheet_days_value": ("{start} 至 {end}", "{start} to {end}"),
    "sheet_objection": (
        "公示期内对以上意见有异议的，请向{township}反映。反映人的信息会保密。",
        "Whoever objects to this opinion may tell {township} while this sheet is on display. Names are kept "
        "confidential.",
    ),
    "sheet_township": ("{township}人民政府（街道办事处）", "the township office of {township}"),
    "sheet_footer": (
        "本公示只写明规定可以公开的内容，{end}后撤下。",
        "This sheet shows only what may be public and is taken down after {end}.",
    ),
}
