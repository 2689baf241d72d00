package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MoveLeaderRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.raft.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Three members on this machine's loopback device. */
public final class ClusterProcesses implements AutoCloseable {
    private static final int MEMBERS = 3;

    private final List<MemberProcess> members = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<MemberDisk> disks = new ArrayList<>();

    /** Members that are not started yet, each of a user of its own if this process is root's. */
    public ClusterProcesses(Path folder, List<String> command) throws IOException {
        this(folder, command, Apart.USERS);
    }

    /** Members that are not started yet. */
    public ClusterProcesses(Path folder, List<String> command, Apart apart) throws IOException {
        List<Integer> ports = FreePorts.some(2 * MEMBERS);
        for (int i = 0; i < MEMBERS; i++) {
            Path own = folder.resolve("m" + i);
            MemberDisk disk = apart.disks() ? new MemberDisk(own) : null;
            if (disk != null) {
                disks.add(disk);
            }
            members.add(new MemberProcess(i, ports.get(2 * i), ports.get(2 * i + 1), own, command, disk, apart));
            channels.add(channel(members.get(i).clientEndpoint()));
        }
    }

    static ManagedChannel channel(String endpoint) {
        return NettyChannelBuilder.forTarget(endpoint)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
    }

    public List<MemberProcess> members() {
        return members;
    }

    public ManagedChannel channel(int member) {
        return channels.get(member);
    }

    public void start(MemberProcess member) throws IOException, InterruptedException {
        start(member, Map.of());
    }

    /** Starts it with variables besides this process's own. */
    public void start(MemberProcess member, Map<String, String> environment) throws IOException, InterruptedException {
        member.start(
                members.stream().map(m -> "m" + m.number() + "=" + m.peerUrl()).collect(Collectors.joining(",")),
                environment);
    }

    /** Waits until every member takes a write. One that could not join while all were down is started again. */
    public void awaitHealthy(int seconds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (MemberProcess member : members) {
            while (true) {
                try {
                    KVGrpc.newBlockingStub(channel(member.number()))
                            .withDeadlineAfter(2, TimeUnit.SECONDS)
                            .put(PutRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8("health/" + member.number()))
                                    .build());
                    break;
                } catch (StatusRuntimeException e) {
                    if (member.endedUntold()) {
                        start(member);
                    }
                    if (System.nanoTime() > deadline || !member.alive()) {
                        throw new AssertionError(
                                "member " + member.number() + (member.alive() ? " takes no write: " : " has ended: ")
                                        + e.getStatus() + "; its log: "
                                        + member.log(),
                                e);
                    }
                    channel(member.number()).resetConnectBackoff();
                    Thread.sleep(100);
                }
            }
        }
    }

    /**
     * Sees to it that a member serves that has had a fault of its disk: one that ended, or is about to, is started again.
     * It is given the time in which a member that serves takes a write.
     */
    void startUnlessServing(MemberProcess member) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (member.alive() && System.nanoTime() < deadline) {
            if (takesWrite(member)) {
                return;
            }
            Thread.sleep(100);
        }
        member.kill();
        start(member);
    }

    private boolean takesWrite(MemberProcess member) {
        try {
            KVGrpc.newBlockingStub(channel(member.number()))
                    .withDeadlineAfter(2, TimeUnit.SECONDS)
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("health/" + member.number()))
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            channel(member.number()).resetConnectBackoff();
            return false;
        }
    }

    /**
     * Has the others remove a member that does not run, as an operator does whose machine is lost. They may refuse for a
     * while, until they have connections to each other again.
     */
    public void remove(MemberProcess member) throws InterruptedException {
        changeMembers(member, members -> {
            for (Member known :
                    members.memberList(MemberListRequest.getDefaultInstance()).getMembersList()) {
                if (known.getPeerURLsList().contains(member.peerUrl())) {
                    members.memberRemove(MemberRemoveRequest.newBuilder()
                            .setID(known.getID())
                            .build());
                }
            }
        });
    }

    /** Has the others add a member that was removed and has no data; when it is started next, it joins them. */
    public void addAgain(MemberProcess member) throws InterruptedException {
        changeMembers(member, members -> {
            boolean known = members.memberList(MemberListRequest.getDefaultInstance()).getMembersList().stream()
                    .anyMatch(other -> other.getPeerURLsList().contains(member.peerUrl()));
            // An attempt of unknown fate may have added it.
            if (!known) {
                members.memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs(member.peerUrl())
                        .build());
            }
        });
        member.joins();
    }

    private void changeMembers(MemberProcess changed, Consumer<ClusterGrpc.ClusterBlockingStub> change)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        int asked = (changed.number() + 1) % MEMBERS;
        while (true) {
            try {
                change.accept(ClusterGrpc.newBlockingStub(channel(asked)).withDeadlineAfter(10, TimeUnit.SECONDS));
                return;
            } catch (StatusRuntimeException e) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the members do not take a change of members: " + e.getStatus(), e);
                }
                channel(asked).resetConnectBackoff();
                Thread.sleep(200);
            }
        }
    }

    /** How many snapshots members have put in the place of their state, as their logs tell. */
    long installs() throws IOException {
        long installs = 0;
        for (MemberProcess member : members) {
            installs += member.installs();
        }
        return installs;
    }

    /** The number of the member that leads, or -1. */
    public int leader() {
        for (MemberProcess member : members) {
            if (!member.alive() || member.paused()) {
                continue;
            }
            try {
                var status = MaintenanceGrpc.newBlockingStub(channel(member.number()))
                        .withDeadlineAfter(1, TimeUnit.SECONDS)
                        .status(StatusRequest.getDefaultInstance());
                if (status.getLeader() == status.getHeader().getMemberId()) {
                    return member.number();
                }
            } catch (StatusRuntimeException e) {
                // It is being hurt at the moment; another one answers.
            }
        }
        return -1;
    }

    /**
     * Has the member that leads hand over to another one.
     *
     * @return whether it did; not if nobody leads, or the other one is not up to date
     */
    public boolean moveLeader(int to) {
        int leader = leader();
        if (leader < 0 || leader == to) {
            return false;
        }
        try {
            long target = MaintenanceGrpc.newBlockingStub(channel(to))
                    .withDeadlineAfter(2, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance())
                    .getHeader()
                    .getMemberId();
            var _ = MaintenanceGrpc.newBlockingStub(channel(leader))
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .moveLeader(
                            MoveLeaderRequest.newBuilder().setTargetID(target).build());
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** Checks that all members hold the same, at one revision. */
    public void assertSameContent() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            Set<String> hashes = new HashSet<>();
            StringBuilder told = new StringBuilder();
            long revision = Long.MAX_VALUE;
            for (MemberProcess member : members) {
                revision = Math.min(revision, hash(member, 0).getHeader().getRevision());
            }
            for (MemberProcess member : members) {
                HashKVResponse hash = hash(member, revision);
                hashes.add(hash.getHash() + "/" + hash.getCompactRevision());
                told.append(" m")
                        .append(member.number())
                        .append('=')
                        .append(hash.getHash())
                        .append("@compact")
                        .append(hash.getCompactRevision());
            }
            if (hashes.size() == 1) {
                return;
            }
            // A compaction may be applied on one member and not yet on another; a difference that stays is one.
            if (System.nanoTime() > deadline) {
                throw new AssertionError("members differ at revision " + revision + ":" + told);
            }
            Thread.sleep(200);
        }
    }

    /** Reads all there is, which takes twenty seconds for ten million keys when nothing runs beside it. */
    private HashKVResponse hash(MemberProcess member, long revision) {
        return MaintenanceGrpc.newBlockingStub(channel(member.number()))
                .withDeadlineAfter(300, TimeUnit.SECONDS)
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        for (MemberDisk disk : disks) {
            try {
                disk.thaw();
            } catch (IOException e) {
                System.err.println("a disk stays frozen: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        members.forEach(MemberProcess::kill);
        for (MemberDisk disk : disks) {
            try {
                disk.close();
            } catch (IOException e) {
                System.err.println("a disk stays mounted at " + disk.path() + ": " + e.getMessage());
            }
        }
    }
}
