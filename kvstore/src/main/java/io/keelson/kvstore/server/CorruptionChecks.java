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
import io.keelson.kvstore.mvcc.MvccStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this member's data with the others', by hashes of all versions up to the same revision. Hashes tell something
 * only where both have compacted to the same revision; others are passed over. Blocks; called from threads of its own.
 */
final class CorruptionChecks {
    private static final Logger log = LoggerFactory.getLogger(CorruptionChecks.class);
    private static final int HASH_TIMEOUT_MS = 120_000;

    private final MvccStore store;
    private final PeerService peers;
    private final Supplier<Membership> membership;
    private final Proposals proposals;
    private final long selfId;

    CorruptionChecks(
            MvccStore store, PeerService peers, Supplier<Membership> membership, Proposals proposals, long selfId) {
        this.store = store;
        this.peers = peers;
        this.membership = membership;
        this.proposals = proposals;
        this.selfId = selfId;
    }

    /** The members whose data differs from this one's; members that do not answer, or cannot be compared, do not count. */
    List<Long> differing() throws InterruptedException {
        KvHash own = store.hashKv(0);
        List<Long> differing = new ArrayList<>();
        for (Member member : membership.get().list()) {
            if (member.getID() == selfId) {
                continue;
            }
            try {
                HashKVResponse other = peers.hash(member.getID(), own.revision(), HASH_TIMEOUT_MS)
                        .get(HASH_TIMEOUT_MS, TimeUnit.MILLISECONDS);
                if (other.getCompactRevision() == own.compactRevision() && other.getHash() != own.hash()) {
                    log.error(
                            "found different hash values of member {} at revision {}",
                            ClusterIds.text(member.getID()),
                            own.revision());
                    differing.add(member.getID());
                }
            } catch (ExecutionException | TimeoutException e) {
                log.info(
                        "member {} could not be compared: {}",
                        ClusterIds.text(member.getID()),
                        Failures.cause(e).toString());
            }
        }
        return differing;
    }

    /** On the leader: raises CORRUPT for every member that differs. */
    void checkAndAlarm() throws InterruptedException {
        for (long member : differing()) {
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
