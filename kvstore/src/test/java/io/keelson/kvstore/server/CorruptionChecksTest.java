package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.mvcc.KvHash;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When the member with id 1 has itself and the members 2 and 3 hashed, and what it makes of it. */
class CorruptionChecksTest {
    private static final int HASH = 7;

    private int hashed;
    private long compactRevision;
    private final Set<Long> away = new HashSet<>();
    private final Set<Long> differing = new HashSet<>();
    /** Members that have not carried out the last compaction yet. */
    private final Set<Long> behind = new HashSet<>();

    private final List<Long> asked = new ArrayList<>();
    private final List<Long> alarms = new ArrayList<>();

    private final class Others implements CorruptionChecks.Others {
        @Override
        public CompletableFuture<Boolean> reachable(long memberId) {
            return CompletableFuture.completedFuture(!away.contains(memberId));
        }

        @Override
        public CompletableFuture<HashKVResponse> hash(long memberId, long revision, int timeoutMs) {
            asked.add(memberId);
            return CompletableFuture.completedFuture(HashKVResponse.newBuilder()
                    .setHash(differing.contains(memberId) ? HASH + 1 : HASH)
                    .setHashRevision(revision)
                    .setCompactRevision(behind.contains(memberId) ? 0 : compactRevision)
                    .build());
        }
    }

    private final class Alarms implements Proposals {
        @Override
        public CompletableFuture<ApplyResult> propose(Command command) {
            throw new AssertionError("alarms are the system's own");
        }

        @Override
        public CompletableFuture<ApplyResult> proposeSystem(Command command) {
            try {
                alarms.add(AlarmRequest.parseFrom(command.payload()).getMemberID());
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            return CompletableFuture.completedFuture(ApplyResult.success(1));
        }
    }

    private final CorruptionChecks checks = new CorruptionChecks(
            new CorruptionChecks.Store(this::hash, Runnable::run, () -> compactRevision),
            new Others(),
            CorruptionChecksTest::threeMembers,
            new Alarms(),
            1);

    private KvHash hash() {
        hashed++;
        return new KvHash(HASH, 100, compactRevision, 100);
    }

    private static Membership threeMembers() {
        TreeMap<Long, Member> members = new TreeMap<>();
        for (long id = 1; id <= 3; id++) {
            members.put(id, Member.newBuilder().setID(id).build());
        }
        return new Membership(members, Set.of(), List.of(), null, Membership.NONE.downgrade());
    }

    @Test
    void withoutACompactionNothingIsHashed() throws Exception {
        checks.checkAfterCompaction();
        assertEquals(0, hashed);
        assertEquals(List.of(), asked);
    }

    @Test
    void membersAreComparedOnceAfterEachCompaction() throws Exception {
        compactRevision = 10;
        checks.checkAfterCompaction();
        assertEquals(List.of(2L, 3L), asked);
        checks.checkAfterCompaction();
        checks.checkAfterCompaction();
        assertEquals(1, hashed);
        assertEquals(2, asked.size());
        compactRevision = 20;
        checks.checkAfterCompaction();
        assertEquals(2, hashed);
        assertEquals(List.of(2L, 3L, 2L, 3L), asked);
        assertEquals(List.of(), alarms);
    }

    @Test
    void aMemberThatIsAwayOrBehindIsComparedLater() throws Exception {
        compactRevision = 10;
        away.add(2L);
        behind.add(3L);
        checks.checkAfterCompaction();
        assertEquals(List.of(3L), asked);
        behind.clear();
        checks.checkAfterCompaction();
        assertEquals(List.of(3L, 3L), asked);
        // Nobody who is left answers: this member is not hashed for nothing.
        checks.checkAfterCompaction();
        assertEquals(2, hashed);
        away.clear();
        checks.checkAfterCompaction();
        assertEquals(List.of(3L, 3L, 2L), asked);
        assertEquals(3, hashed);
    }

    @Test
    void whoDiffersIsNamedInAnAlarm() throws Exception {
        compactRevision = 10;
        differing.add(3L);
        checks.checkAfterCompaction();
        assertEquals(List.of(3L), alarms);
        assertEquals(List.of(3L), checks.differing());
    }

    @Test
    void theOtherCheckComparesEachTime() throws Exception {
        checks.checkAndAlarm();
        checks.checkAndAlarm();
        assertEquals(2, hashed);
        assertEquals(List.of(2L, 3L, 2L, 3L), asked);
    }
}
