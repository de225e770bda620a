"""The refusals members can utter."""

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refusal


class MemberNotFound(Refusal):
    code = "not_found"
    message = _("찾는 회원이 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class GroupNotFound(Refusal):
    code = "not_found"
    message = _("찾는 그룹이 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class ViewNotFound(Refusal):
    code = "not_found"
    message = _("찾는 보기가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class ContactNotFound(Refusal):
    code = "not_found"
    message = _("찾는 연락처가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class TooManyContacts(Refusal):
    code = "too_many_contacts"
    message = _("연락처는 회원마다 10개까지 넣을 수 있어요. 쓰지 않는 번호를 지워 주세요.")


class InvalidStage(Refusal):
    code = "invalid"
    message = _("옮길 단계를 다시 골라 주세요.")
    future = _("아직 오지 않은 날짜예요. 오늘이나 지난 날짜를 골라 주세요.")


class InvalidMember(Refusal):
    code = "invalid"
    message = _("입력한 내용에 고칠 곳이 있어요.")


class InvalidGroup(Refusal):
    code = "invalid"
    message = _("그룹 이름을 1자에서 40자 사이로 적어 주세요.")


class GroupNameTaken(Refusal):
    code = "group_name_taken"
    message = _("같은 이름의 그룹이 이미 있어요. 다른 이름을 적어 주세요.")


class GroupHasDuePlan(Refusal):
    code = "group_has_due_plan"
    message = _("이 그룹에 매달 회비가 정해져 있어요. 회비를 먼저 그만둬 주세요.")
    status = 409


class TooManyGroups(Refusal):
    code = "too_many_groups"
    message = _("그룹은 500개까지 만들 수 있어요. 쓰지 않는 그룹을 지워 주세요.")


class TooManyFields(Refusal):
    code = "too_many_fields"
    message = _("추가 항목은 50개까지 쓸 수 있어요. 쓰지 않는 항목을 정리해 주세요.")


class FieldNotFound(Refusal):
    code = "not_found"
    message = _("찾는 항목이 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidField(Refusal):
    code = "invalid"
    message = _("항목에 고칠 곳이 있어요.")
    no_name = _("항목 이름을 1자에서 30자 사이로 적어 주세요.")
    bad_name = _("항목 이름에는 { } | # 을 쓸 수 없어요.")
    reserved = _("‘%(name)s’은 이미 있는 칸의 이름이에요. 다른 이름을 적어 주세요.")
    no_file = _("파일을 담는 항목이 아니에요. 파일 항목을 골라 주세요.")
    no_choices = _("고를 말을 한 줄에 하나씩 적어 주세요.")
    many_choices = _("고를 말은 100개까지 적을 수 있어요.")
    long_choice = _("고를 말 하나는 60자까지 적을 수 있어요.")


class FieldNameTaken(Refusal):
    code = "field_name_taken"
    message = _("같은 이름의 항목이 이미 있어요. 다른 이름을 적어 주세요.")
    former = _("‘%(name)s’은 ‘%(now)s’ 항목의 예전 이름이에요. 써 둔 문구가 헷갈리지 않게 다른 이름을 적어 주세요.")


class ValuesDoNotFit(Refusal):
    """`count` members have a value that the new kind can't hold; `examples` are some of the values."""

    code = "values_do_not_fit"
    message = _("%(count)s명의 값이 맞지 않아요(%(examples)s). 값을 먼저 고치거나, 맞지 않는 값을 비우고 바꿔 주세요.")
    status = 409

    def __init__(self, count: int, examples: list[str]) -> None:
        self.count, self.examples = count, examples
        said = str(self.message) % {"count": f"{count:,}", "examples": ", ".join(examples)}
        super().__init__(said, fields={"kind": [said]})


class InvalidView(Refusal):
    code = "invalid"
    message = _("보기의 이름을 1자에서 30자 사이로 적어 주세요.")


class ImportNotFound(Refusal):
    code = "not_found"
    message = _("찾는 명단 올리기가 없어요.")
    status = 404


class ImportNotReady(Refusal):
    code = "import_not_ready"
    message = _("지금은 할 수 없어요. 화면을 새로 고쳐 어디까지 진행됐는지 확인해 주세요.")
    status = 409


class ImportNotRevertible(Refusal):
    code = "import_not_revertible"
    message = _("이 명단은 되돌릴 수 없어요. 저장을 마친 명단만 30일 동안 되돌릴 수 있어요.")
    status = 409


class InvalidImport(Refusal):
    code = "invalid"
    message = _("고른 값에 고칠 곳이 있어요. 다시 골라 주세요.")
    twice = _("같은 항목을 두 열에 고를 수 없어요. 한 열만 골라 주세요.")


class TooManyRepairs(Refusal):
    code = "too_many_repairs"
    message = _("화면에서는 %(most)s칸까지 고칠 수 있어요. 나머지는 파일을 내려받아 고친 뒤 다시 올려 주세요.")

    def __init__(self, most: int) -> None:
        super().__init__(str(self.message) % {"most": f"{most:,}"})


class ImportStuck(Refusal):
    code = "import_stuck"
    message = _("파일을 끝까지 처리하지 못했어요. 명단은 바뀌지 않았으니 파일을 나누어 다시 올려 주세요.")


class RevertStuck(Refusal):
    code = "revert_stuck"
    message = _("끝까지 되돌리지 못했어요. 명단은 그대로예요. 잠시 뒤 다시 되돌려 주세요.")


class NotToBeMerged(Refusal):
    code = "not_to_be_merged"
    message = _("이 두 회원은 합칠 수 없어요. 같은 사람이 아니거나 이미 지워지지 않았는지 확인해 주세요.")
    memo = _("두 회원의 메모를 합치면 2,000자가 넘어요. 한쪽 메모를 줄인 뒤 다시 합쳐 주세요.")
    contacts = _("두 회원의 연락처를 합치면 10개가 넘어요. 쓰지 않는 번호를 지운 뒤 다시 합쳐 주세요.")
    status = 409


class MergeNotFound(Refusal):
    code = "not_found"
    message = _("찾는 합치기 기록이 없어요.")
    status = 404


class MergeNotUndoable(Refusal):
    code = "merge_not_undoable"
    message = _("이 합치기는 되돌릴 수 없어요. 합친 지 30일이 지났거나 그 뒤에 다른 회원과 또 합쳤어요.")
    status = 409


class NothingToChange(Refusal):
    code = "nothing_to_change"
    message = _("바꿀 것을 하나 이상 골라 주세요.")


class NobodyPicked(Refusal):
    code = "nobody_picked"
    message = _("고칠 사람을 먼저 골라 주세요.")


class TooManyPicked(Refusal):
    code = "too_many"
    message = _("한 번에 100,000명까지 고칠 수 있어요. 그룹이나 검색으로 나눠서 해 주세요.")


class BulkEditNotFound(Refusal):
    code = "not_found"
    message = _("찾는 기록이 없어요.")
    status = 404


class BulkEditNotUndoable(Refusal):
    code = "bulk_edit_not_undoable"
    message = _("이 일은 되돌릴 수 없어요. 끝난 지 30일 안에만 되돌릴 수 있어요.")
    status = 409


class UploadGone(Refusal):
    code = "upload_gone"
    message = _("올린 파일을 찾을 수 없어요. 파일을 다시 올려 주세요.")


# --- Passes and visits -----------------------------------------------------------------------------------------------


class PassNotFound(Refusal):
    code = "not_found"
    message = _("찾는 이용권이 없어요. 화면을 새로 고쳐 주세요.")
    status = 404


class PassTypeNotFound(Refusal):
    code = "not_found"
    message = _("찾는 이용권 종류가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidPass(Refusal):
    code = "invalid"
    message = _("적은 내용에 고칠 곳이 있어요.")
    length = _("기간이나 횟수를 1 이상으로 적어 주세요.")
    name = _("이름을 1자에서 40자 사이로 적어 주세요.")
    name_taken = _("같은 이름의 이용권이 이미 있어요. 다른 이름을 적어 주세요.")
    percent = _("위약금은 0%에서 100% 사이로 적어 주세요.")
    money = _("금액은 0원에서 10억 원 사이로 적어 주세요.")
    day = _("날짜를 다시 확인해 주세요.")
    reason = _("까닭을 적어 주세요. 나중에 무슨 일이었는지 알 수 있어요.")
    nothing = _("바꿀 날수나 횟수를 적어 주세요.")
    uncounted = _("횟수를 세지 않는 이용권이라 횟수를 바꿀 수 없어요.")
    endless = _("끝나는 날이 없는 이용권이라 기간을 바꿀 수 없어요.")
    below = _("남은 것보다 많이 뺄 수 없어요. 남은 횟수와 기간을 확인해 주세요.")
    beyond = _("너무 길거나 많아요. 숫자를 다시 확인해 주세요.")


class PassClosed(Refusal):
    code = "pass_closed"
    message = _("이미 환불했거나 양도한 이용권이에요.")
    status = 409


class PassExpired(Refusal):
    code = "pass_expired"
    message = _("기간이 끝난 이용권이에요. 새로 등록하거나 기간을 늘려 주세요.")
    status = 409


class PassUsedUp(Refusal):
    code = "pass_used_up"
    message = _("횟수를 모두 쓴 이용권이에요. 새로 등록하거나 횟수를 늘려 주세요.")
    status = 409


class PassOnHold(Refusal):
    code = "pass_on_hold"
    message = _("홀딩 중인 이용권이에요. 홀딩을 끝낸 뒤 다시 해 주세요.")
    status = 409


class PassNotOnHold(Refusal):
    code = "pass_not_on_hold"
    message = _("홀딩 중이 아니에요. 이미 끝났을 수 있어요.")
    status = 409


class PassNotStarted(Refusal):
    code = "pass_not_started"
    message = _("아직 시작하지 않은 이용권이에요. 시작일 전의 날은 고를 수 없어요.")


class DayToCome(Refusal):
    code = "day_to_come"
    message = _("앞으로 올 날은 고를 수 없어요. 오늘이나 지난 날을 골라 주세요.")


class VisitTooOld(Refusal):
    code = "visit_too_old"
    message = _("1년이 넘은 날의 출석은 적을 수 없어요. 더 가까운 날을 골라 주세요.")


class HoldOverVisit(Refusal):
    code = "hold_over_visit"
    message = _("그 기간에 출석한 날이 있어요. 마지막 출석 다음 날부터 홀딩해 주세요.")


class HoldOverHold(Refusal):
    code = "hold_over_hold"
    message = _("그날은 이미 홀딩했던 날이에요. 그 뒤의 날을 골라 주세요.")


class NothingToReturn(Refusal):
    code = "nothing_to_return"
    message = _("이 출석에 쓴 이용권이 없어요.")


class GivenToSelf(Refusal):
    code = "given_to_self"
    message = _("같은 회원에게는 양도할 수 없어요. 받을 회원을 골라 주세요.")


class RefundedTooMuch(Refusal):
    code = "refunded_too_much"
    message = _("낸 금액보다 많이 돌려줄 수 없어요. 금액을 다시 적어 주세요.")


class VisitNotFound(Refusal):
    code = "not_found"
    message = _("찾는 출석이 없어요. 화면을 새로 고쳐 주세요.")
    status = 404


class KioskNotFound(Refusal):
    code = "not_found"
    message = _("찾는 출석 태블릿이 없어요.")
    status = 404


class InvalidKiosk(Refusal):
    code = "invalid"
    message = _("태블릿 이름을 1자에서 30자 사이로 적어 주세요.")
    most = _("출석 태블릿은 20대까지 쓸 수 있어요. 쓰지 않는 것을 거두어 주세요.")


# --- Dues ------------------------------------------------------------------------------------------------------------


class DueNotFound(Refusal):
    code = "not_found"
    message = _("찾는 회비가 없어요. 화면을 새로 고쳐 주세요.")
    status = 404


class DuePlanNotFound(Refusal):
    code = "not_found"
    message = _("찾는 회비 정하기가 없어요. 이미 그만두었을 수 있어요.")
    status = 404


class InvalidDue(Refusal):
    code = "invalid"
    message = _("적은 내용에 고칠 곳이 있어요.")
    name = _("이름을 1자에서 40자 사이로 적어 주세요.")
    amount = _("금액을 1원에서 10억 원 사이로 적어 주세요.")
    day = _("내는 날을 1일에서 31일 사이로 적어 주세요.")
    month = _("달을 다시 확인해 주세요.")
    past = _("첫 달은 이번 달부터 고를 수 있어요. 지난 달 회비는 회원 카드에서 청구해 주세요.")
    reason = _("까닭을 적어 주세요. 나중에 무슨 일이었는지 알 수 있어요.")
    method = _("받은 방법을 골라 주세요.")
    paid_on = _("날짜를 다시 확인해 주세요.")


class Overpaid(Refusal):
    code = "overpaid"
    message = _("남은 금액은 %(open)s원이에요. 그보다 많이 적을 수 없어요.")

    def __init__(self, open_won: int) -> None:
        super().__init__(str(self.message) % {"open": f"{open_won:,}"})


class ReturnedTooMuch(Refusal):
    code = "returned_too_much"
    message = _("받은 금액은 %(paid)s원이에요. 그보다 많이 돌려줄 수 없어요.")

    def __init__(self, paid_won: int) -> None:
        super().__init__(str(self.message) % {"paid": f"{paid_won:,}"})


class UnwaivedTooMuch(Refusal):
    code = "unwaived_too_much"
    message = _("감면한 금액은 %(waived)s원이에요. 그보다 많이 되돌릴 수 없어요.")

    def __init__(self, waived_won: int) -> None:
        super().__init__(str(self.message) % {"waived": f"{waived_won:,}"})


class CorrectedTooLow(Refusal):
    code = "corrected_too_low"
    message = _("이미 받거나 감면한 금액이 %(done)s원이에요. 그보다 적게 고칠 수 없어요.")

    def __init__(self, done_won: int) -> None:
        super().__init__(str(self.message) % {"done": f"{done_won:,}"})


# --- Segments --------------------------------------------------------------------------------------------------------


class SegmentNotFound(Refusal):
    code = "not_found"
    message = _("찾는 조건그룹이 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidSegment(Refusal):
    code = "invalid"
    message = _("조건그룹 이름을 1자에서 40자 사이로 적어 주세요.")


class SegmentNameTaken(Refusal):
    code = "segment_name_taken"
    message = _("같은 이름의 조건그룹이 이미 있어요. 다른 이름을 적어 주세요.")


class TooManySegments(Refusal):
    code = "too_many_segments"
    message = _("조건그룹은 50개까지 만들 수 있어요. 쓰지 않는 조건그룹을 지워 주세요.")


class SegmentInUse(Refusal):
    code = "segment_in_use"
    message = _("조건그룹 %(names)s에서 쓰고 있어요. 그 조건부터 고친 뒤 지워 주세요.")

    def __init__(self, names: list[str]) -> None:
        super().__init__(str(self.message) % {"names": ", ".join(f"‘{name}’" for name in names)})


class InvalidRule(Refusal):
    """What is wrong with a rule, each sentence at its place: `rule.all.0.value`."""

    code = "invalid_rule"
    message = _("조건에 고칠 곳이 있어요.")

    def __init__(self, problems: dict[str, str]) -> None:
        first = next(iter(problems.values()), None)
        places = {f"rule.{place}" if place else "rule": [sentence] for place, sentence in problems.items()}
        super().__init__(first, fields=places)


class NoteNotFound(Refusal):
    code = "not_found"
    message = _("찾는 메모가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidNote(Refusal):
    code = "invalid"
    message = _("메모를 1자에서 2,000자 사이로 적어 주세요.")
    direction = _("걸려 온 전화인지 건 전화인지 골라 주세요.")
    earlier = _("통화한 때가 2000년보다 앞이에요. 해를 네 자리로 적었는지 확인해 주세요.")
    later = _("통화한 때가 지금보다 뒤예요. 날짜와 시각을 확인해 주세요.")


class NotYourNote(Refusal):
    code = "not_your_note"
    message = _("다른 직원이 쓴 메모예요. 내용은 쓴 사람만 고칠 수 있어요.")
    status = 403


class TooManyPinned(Refusal):
    code = "too_many_pinned"
    message = _("맨 위에는 메모를 10개까지 둘 수 있어요. 다른 메모를 내린 뒤 다시 해 주세요.")


class PresetNotFound(Refusal):
    code = "not_found"
    message = _("찾는 업종 꾸러미가 없어요.")
    status = 404
