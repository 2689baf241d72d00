package io.keelson.kvstore.crashpoints;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.crashpoints.Writers.Pace;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Has a phase happen at the victim, in a way that is drawn anew for each trial: how fast and how much is written, who leads,
 * and what befalls the others meanwhile, so that what happens only in a race happens at some time.
 */
final class Provocation {
    private static final int CALL_SECONDS = 5;
    /** Longer than a follower waits for its leader before it stands for election. */
    private static final int PAUSE_MS_MAX = 2_000;

    /** A member that is started from an image, and leads alone, must not find one that has expired meanwhile. */
    private static final long LEASE_SECONDS = TimeUnit.DAYS.toSeconds(30);

    private static final int[] VALUE_BYTES = {0, 0, 100, 1_000, 10_000};
    private static final int[] COMPACTION_PAUSES_MS = {10, 50, 200, 400};

    /** What befalls the members besides. */
    private enum Trouble {
        NONE,
        /** The leader stands still for a while, whoever it is. */
        LEADER_PAUSES,
        /** One of the others does. */
        OTHER_PAUSES,
        /** The victim does, and comes back to what the others have done meanwhile. */
        VICTIM_PAUSES,
        /** One of the others ends and is started again. */
        OTHER_RESTARTS,
        /** Leaders hand over. */
        LEADER_MOVES
    }

    private final ClusterProcesses cluster;
    private final int victim;
    private final Camera camera;
    private final Chronicle chronicle;
    private final Writers writers;
    private final SplittableRandom random;
    private final Pace pace;
    private final int valueBytes;
    private final Trouble trouble;
    private final int compactionPauseMs;
    private final int keptRevisions;

    /**
     * @param camera the victim's
     * @param chronicle is told what is asked for
     * @param random draws everything about it
     */
    Provocation(
            ClusterProcesses cluster,
            int victim,
            Camera camera,
            Chronicle chronicle,
            Writers writers,
            Phase phase,
            SplittableRandom random) {
        this.cluster = cluster;
        this.victim = victim;
        this.camera = camera;
        this.chronicle = chronicle;
        this.writers = writers;
        this.random = random;
        boolean byWrites = phase == Phase.APPLY || phase == Phase.SNAPSHOT_SAVE;
        pace = byWrites
                ? (random.nextInt(4) == 0 ? Pace.RUSH : Pace.HURRIED)
                : (random.nextInt(3) == 0 ? Pace.HURRIED : Pace.CALM);
        valueBytes = VALUE_BYTES[random.nextInt(VALUE_BYTES.length)];
        Trouble[] troubles = Trouble.values();
        trouble = random.nextInt(2) == 0 ? Trouble.NONE : troubles[random.nextInt(troubles.length)];
        compactionPauseMs = COMPACTION_PAUSES_MS[random.nextInt(COMPACTION_PAUSES_MS.length)];
        keptRevisions = random.nextInt(20);
    }

    /** Starts writing as this way of provoking has it. */
    void begin() {
        writers.write(pace, valueBytes);
    }

    /** One round of it. The victim may have ended before or may end meanwhile. */
    void round(Phase phase, int round) throws IOException, InterruptedException {
        try {
            switch (phase) {
                case COMPACTION -> compact();
                case MEMBERSHIP -> changeMembers(round);
                case APPLY, SNAPSHOT_SAVE -> write(round);
                case SNAPSHOT_INSTALL -> leaveBehind();
                case START -> Thread.sleep(20);
            }
            if (random.nextInt(5) == 0) {
                disturb();
            }
        } catch (StatusRuntimeException e) {
            // Whatever was asked, the next round asks again.
            Thread.sleep(50);
        }
    }

    @Override
    public String toString() {
        return pace + " writes of " + valueBytes + " bytes, trouble " + trouble;
    }

    private int other() {
        return (victim + 1 + random.nextInt(cluster.members().size() - 1))
                % cluster.members().size();
    }

    private void disturb() throws IOException, InterruptedException {
        switch (trouble) {
            case NONE -> {}
            case LEADER_PAUSES -> {
                int leader = cluster.leader();
                if (leader >= 0) {
                    pause(leader);
                }
            }
            case OTHER_PAUSES -> pause(other());
            case VICTIM_PAUSES -> pause(victim);
            case OTHER_RESTARTS -> {
                MemberProcess other = cluster.members().get(other());
                other.kill();
                Thread.sleep(random.nextInt(PAUSE_MS_MAX));
                cluster.start(other);
                cluster.channel(other.number()).resetConnectBackoff();
            }
            case LEADER_MOVES -> {
                boolean _ = cluster.moveLeader(random.nextInt(cluster.members().size()));
            }
        }
    }

    /** Has the victim stand still until the others no longer have in their logs what it lacks. */
    private void leaveBehind() throws IOException, InterruptedException {
        if (stops(victim)) {
            try {
                writers.leaveBehind(victim);
            } finally {
                resume(victim);
            }
        }
        Thread.sleep(random.nextInt(PAUSE_MS_MAX));
    }

    private void pause(int member) throws IOException, InterruptedException {
        if (stops(member)) {
            try {
                Thread.sleep(random.nextInt(PAUSE_MS_MAX));
            } finally {
                resume(member);
            }
        }
    }

    /** Has a member stand still, unless it ends at that moment. */
    private boolean stops(int member) throws IOException, InterruptedException {
        try {
            if (member == victim) {
                camera.pause();
            } else {
                cluster.members().get(member).pause();
            }
            return true;
        } catch (IOException e) {
            if (cluster.members().get(member).alive()) {
                throw e;
            }
            return false;
        }
    }

    private void resume(int member) throws IOException, InterruptedException {
        if (member == victim) {
            camera.resume();
        } else {
            cluster.members().get(member).resume();
        }
    }

    /** What the writers do not do: deletions, transactions, and keys that go with a lease. */
    private void write(int round) throws InterruptedException {
        int asked = random.nextInt(cluster.members().size());
        KVGrpc.KVBlockingStub kv =
                KVGrpc.newBlockingStub(cluster.channel(asked)).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
        String prefix = "mixed/" + round % 10 + "/";
        switch (random.nextInt(5)) {
            case 0 -> {
                LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(cluster.channel(asked))
                        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
                long lease = leases.leaseGrant(LeaseGrantRequest.newBuilder()
                                .setTTL(LEASE_SECONDS)
                                .build())
                        .getID();
                var _ = kv.put(
                        put(prefix + "leased").toBuilder().setLease(lease).build());
                if (random.nextInt(10) > 0) {
                    var _ = leases.leaseRevoke(
                            LeaseRevokeRequest.newBuilder().setID(lease).build());
                }
            }
            case 1 -> {
                TxnRequest.Builder txn = TxnRequest.newBuilder();
                for (int i = 0; i < 5; i++) {
                    txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(prefix + i)));
                }
                txn.addSuccess(
                        RequestOp.newBuilder().setRequestDeleteRange(deletion("mixed/" + (round + 1) % 10 + "/")));
                var _ = kv.txn(txn.build());
            }
            case 2 -> {
                var _ = kv.deleteRange(deletion(prefix));
            }
            default -> Thread.sleep(20);
        }
    }

    private static PutRequest put(String key) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8("value"))
                .build();
    }

    private static DeleteRangeRequest deletion(String prefix) {
        return DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(prefix))
                .setRangeEnd(ByteString.copyFromUtf8(prefix + "~"))
                .setPrevKv(true)
                .build();
    }

    private void compact() throws InterruptedException {
        Thread.sleep(compactionPauseMs);
        KVGrpc.KVBlockingStub kv =
                KVGrpc.newBlockingStub(cluster.channel(other())).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
        long revision = kv.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("x"))
                        .build())
                .getHeader()
                .getRevision();
        // What the chronicle was not told yet it could not be told any more.
        long compacted = Math.max(1, Math.min(revision, chronicle.revision()) - keptRevisions);
        chronicle.compacts(compacted);
        var _ = kv.compact(CompactionRequest.newBuilder()
                .setRevision(compacted)
                .setPhysical(random.nextBoolean())
                .build());
    }

    /** Adds a learner that is never started, changes where it is said to be, and removes it. */
    private void changeMembers(int round) {
        ClusterGrpc.ClusterBlockingStub members =
                ClusterGrpc.newBlockingStub(cluster.channel(other())).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
        for (Member member : members.memberList(
                        MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList()) {
            if (member.getIsLearner()) {
                var _ = members.memberRemove(
                        MemberRemoveRequest.newBuilder().setID(member.getID()).build());
            }
        }
        String first = "http://127.0.0.1:" + (1 + round % 100);
        String second = "http://127.0.0.1:" + (101 + round % 100);
        chronicle.learns(first);
        chronicle.learns(second);
        long id = members.memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs(first)
                        .setIsLearner(true)
                        .build())
                .getMember()
                .getID();
        var _ = members.memberUpdate(
                MemberUpdateRequest.newBuilder().setID(id).addPeerURLs(second).build());
        var _ = members.memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
    }
}
