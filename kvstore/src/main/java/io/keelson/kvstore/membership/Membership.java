package io.keelson.kvstore.membership;

import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.DowngradeInfo;
import io.keelson.kvstore.api.Member;
import io.keelson.raft.RaftMember;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members and what goes with them, as of some committed command. Immutable.
 *
 * @param members by id, unsigned order
 * @param removed ids that were members once and never will be again
 * @param alarms raised and not disarmed
 * @param clusterVersion such as 3.6.0; null until the first leader has decided it, which ends the founding of a cluster
 * @param downgrade the downgrade under way, if enabled
 */
public record Membership(
        SortedMap<Long, Member> members,
        Set<Long> removed,
        List<AlarmMember> alarms,
        @Nullable String clusterVersion,
        DowngradeInfo downgrade) {
    public static final Membership NONE = new Membership(
            new TreeMap<>(Long::compareUnsigned), Set.of(), List.of(), null, DowngradeInfo.getDefaultInstance());

    public @Nullable Member member(long id) {
        return members.get(id);
    }

    public List<Member> list() {
        return List.copyOf(members.values());
    }

    public List<Member> voters() {
        return members.values().stream()
                .filter(member -> !member.getIsLearner())
                .toList();
    }

    public long learnerCount() {
        return members.values().stream().filter(Member::getIsLearner).count();
    }

    public boolean isLearner(long id) {
        Member member = members.get(id);
        return member != null && member.getIsLearner();
    }

    public boolean alarmed(AlarmType type) {
        for (AlarmMember alarm : alarms) {
            if (alarm.getAlarm() == type) {
                return true;
            }
        }
        return false;
    }

    /** The members as the log is to have them. */
    public List<RaftMember> raftMembers() {
        return members.values().stream()
                .map(member -> new RaftMember(member.getID(), member.getIsLearner()))
                .toList();
    }

    public Map<Long, List<String>> peerUrlsById() {
        Map<Long, List<String>> urls = new HashMap<>();
        members.forEach((id, member) -> urls.put(id, List.copyOf(member.getPeerURLsList())));
        return urls;
    }

    /** A member counts as started once it has published its name. */
    private static boolean started(Member member) {
        return !member.getName().isEmpty();
    }

    /** Whether a majority of started voters remains if a voter more has to be counted before it is started. */
    public boolean readyToAddVoter() {
        int voters = 1;
        int started = 0;
        for (Member member : voters()) {
            voters++;
            started += started(member) ? 1 : 0;
        }
        // One started member may always get a second one: that is how a lone survivor grows again.
        return (started == 1 && voters == 2) || started >= voters / 2 + 1;
    }

    /** Whether the started voters are a majority without this one. */
    public boolean readyToRemoveVoter(long id) {
        int voters = 0;
        int started = 0;
        for (Member member : voters()) {
            if (member.getID() != id) {
                voters++;
                started += started(member) ? 1 : 0;
            }
        }
        return started >= voters / 2 + 1;
    }

    /** Whether the started voters are a majority once this learner is one of them. */
    public boolean readyToPromote(long id) {
        int voters = 1;
        int started = 0;
        for (Member member : voters()) {
            voters++;
            started += started(member) ? 1 : 0;
        }
        Member learner = members.get(id);
        if (learner != null && started(learner)) {
            started++;
        }
        return started >= voters / 2 + 1;
    }
}
