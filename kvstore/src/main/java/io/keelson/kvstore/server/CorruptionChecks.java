package io.keelson.kvstore.server;

import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.mvcc.KvHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this member's data with the others', by hashes of all versions up to the same revision. Hashes tell something
 * only where both have compacted to the same revision; others are passed over. Waits for hashes that are made elsewhere;
 * called from one thread at a time.
 */
final class CorruptionChecks {
    private static final Logger log = LoggerFactory.getLogger(CorruptionChecks.class);
    private static final int HASH_TIMEOUT_MS = 120_000;

    private final Store store;
    private final Others others;
    private final Supplier<Membership> membership;
    private final Proposals proposals;
    private final long selfId;
    /** The compacted revision at which the members in {@link #compared} were compared. */
    private long comparedAt;

    private final Set<Long> compared = new HashSet<>();

    /**
     * This member's data.
     *
     * @param hash hashes all of it, up to its revision; takes its time, and is run on {@code hasher}
     * @param compactRevision to which it is compacted now
     */
    record Store(Supplier<KvHash> hash, Executor hasher, LongSupplier compactRevision) {}

    /** What is asked of other members. */
    interface Others {
        /** Whether a member answers at all. Never fails. */
        CompletableFuture<Boolean> reachable(long memberId);

        CompletableFuture<HashKVResponse> hash(long memberId, long revision, int timeoutMs);
    }

    /** @param compared the members that could be compared, those that differ among them */
    private record Comparison(Set<Long> compared, List<Long> differing) {}

    CorruptionChecks(Store store, Others others, Supplier<Membership> membership, Proposals proposals, long selfId) {
        this.store = store;
        this.others = others;
        this.membership = membership;
        this.proposals = proposals;
        this.selfId = selfId;
    }

    /** The members whose data differs from this one's; members that do not answer, or cannot be compared, do not count. */
    List<Long> differing() throws InterruptedException {
        return compare(otherMembers()).differing();
    }

    /** On the leader: raises CORRUPT for every member that differs. */
    void checkAndAlarm() throws InterruptedException {
        raise(differing());
    }

    /**
     * On the leader: as {@link #checkAndAlarm}, once after each compaction. Does nothing when all members that answer were
     * compared since the last one, because hashing costs each of them a walk through everything.
     */
    void checkAfterCompaction() throws InterruptedException {
        long compactRevision = store.compactRevision().getAsLong();
        if (compactRevision != comparedAt) {
            comparedAt = compactRevision;
            compared.clear();
        }
        if (compactRevision <= 0) {
            return;
        }
        Set<Long> left = otherMembers();
        left.removeAll(compared);
        left.removeIf(member -> !others.reachable(member).join());
        if (left.isEmpty()) {
            return;
        }
        Comparison found = compare(left);
        compared.addAll(found.compared());
        raise(found.differing());
    }

    private Set<Long> otherMembers() {
        Set<Long> ids = new LinkedHashSet<>();
        for (Member member : membership.get().list()) {
            if (member.getID() != selfId) {
                ids.add(member.getID());
            }
        }
        return ids;
    }

    private Comparison compare(Collection<Long> members) throws InterruptedException {
        Comparison found = new Comparison(new HashSet<>(), new ArrayList<>());
        KvHash own = own();
        Map<Long, CompletableFuture<HashKVResponse>> answers = new LinkedHashMap<>();
        members.forEach(member -> answers.put(member, others.hash(member, own.revision(), HASH_TIMEOUT_MS)));
        for (Map.Entry<Long, CompletableFuture<HashKVResponse>> answer : answers.entrySet()) {
            long member = answer.getKey();
            try {
                HashKVResponse other = answer.getValue().get(HASH_TIMEOUT_MS, TimeUnit.MILLISECONDS);
                if (other.getCompactRevision() != own.compactRevision()) {
                    continue;
                }
                found.compared().add(member);
                if (other.getHash() != own.hash()) {
                    log.error(
                            "found different hash values of member {} at revision {}",
                            ClusterIds.text(member),
                            own.revision());
                    found.differing().add(member);
                }
            } catch (ExecutionException | TimeoutException e) {
                log.info(
                        "member {} could not be compared: {}",
                        ClusterIds.text(member),
                        Failures.cause(e).toString());
            }
        }
        return found;
    }

    private KvHash own() throws InterruptedException {
        try {
            return CompletableFuture.supplyAsync(store.hash(), store.hasher()).get();
        } catch (ExecutionException e) {
            throw Failures.cause(e) instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }

    private void raise(List<Long> members) throws InterruptedException {
        for (long member : members) {
            byte[] request = AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                    .setMemberID(member)
                    .setAlarm(AlarmType.CORRUPT)
                    .build()
                    .toByteArray();
            try {
                var _ = proposals
                        .proposeSystem(Command.of(CommandKind.ALARM, request))
                        .get(HASH_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                log.error("could not raise alarm CORRUPT for member {}", ClusterIds.text(member), e);
            }
        }
    }
}
