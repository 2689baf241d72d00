package io.keelson.kvstore.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.mvcc.KvHash;
import io.keelson.raft.PeerCalls;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What members ask each other besides the log: who the members are, versions, hashes, whether a learner is in sync. */
final class PeerService implements CorruptionChecks.Others {
    private static final String MEMBERS = "kv-members";
    private static final String VERSION = "kv-version";
    private static final String HASH = "kv-hash";
    private static final String LEARNER_READY = "kv-learner-ready";
    private static final int FORMAT = 1;
    private static final int TIMEOUT_MS = 3_000;

    /** etcd asks for so much of the leader's log before it lets a learner vote. */
    private static final double READY_SHARE = 0.9;

    private final RaftNode log;
    private final PeerCalls calls;

    PeerService(RaftNode log) {
        this.log = log;
        this.calls = log.peerCalls();
    }

    /**
     * What a member knows of its cluster.
     *
     * @param seeded see {@link io.keelson.kvstore.membership.Identity#seeded}
     */
    record ClusterView(long clusterId, List<Member> members, Set<Long> removed, boolean seeded) {
        private byte[] encode() {
            byte[] list = MemberListResponse.newBuilder()
                    .setHeader(ResponseHeader.newBuilder().setClusterId(clusterId))
                    .addAllMembers(members)
                    .build()
                    .toByteArray();
            ByteBuffer out = ByteBuffer.allocate(6 + 8 * removed.size() + list.length);
            out.put((byte) FORMAT).put((byte) (seeded ? 1 : 0)).putInt(removed.size());
            removed.forEach(out::putLong);
            return out.put(list).array();
        }

        private static ClusterView decode(byte[] bytes) {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (in.get() != FORMAT) {
                throw new IllegalArgumentException("the other member speaks a form that this version does not know");
            }
            boolean seeded = in.get() != 0;
            Set<Long> removed = new HashSet<>();
            for (int left = in.getInt(); left > 0; left--) {
                removed.add(in.getLong());
            }
            try {
                MemberListResponse list = MemberListResponse.parseFrom(in.slice());
                return new ClusterView(list.getHeader().getClusterId(), list.getMembersList(), removed, seeded);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("the other member's list of members cannot be read", e);
            }
        }
    }

    /** Asks whoever listens at a peer URL. Fails with an {@link RaftException}. */
    static CompletableFuture<ClusterView> ask(String peerUrl, @Nullable PeerTls tls, int timeoutMs) {
        return PeerCalls.ask(peerUrl, tls, 0, MEMBERS, new byte[0], timeoutMs).thenApply(ClusterView::decode);
    }

    /**
     * Begins to answer the others.
     *
     * @param hash hashes the store up to a revision; may take long, is run on {@code hasher}
     */
    void serve(
            long clusterId,
            boolean seeded,
            Supplier<Membership> membership,
            LongFunction<KvHash> hash,
            Executor hasher) {
        calls.serveJoiners(MEMBERS, _ -> {
            Membership now = membership.get();
            return CompletableFuture.completedFuture(
                    new ClusterView(clusterId, now.list(), now.removed(), seeded).encode());
        });
        calls.serve(
                VERSION,
                _ -> CompletableFuture.completedFuture(Version.ETCD.toString().getBytes(StandardCharsets.UTF_8)));
        calls.serve(HASH, request -> {
            long revision = ByteBuffer.wrap(request).getLong();
            try {
                return CompletableFuture.supplyAsync(() -> answer(hash.apply(revision)), hasher);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(e);
            }
        });
        calls.serve(
                LEARNER_READY,
                request -> CompletableFuture.completedFuture(
                        new byte[] {(byte) (readyHere(ByteBuffer.wrap(request).getLong()) ? 1 : 0)}));
    }

    private static byte[] answer(KvHash hash) {
        return HashKVResponse.newBuilder()
                .setHash(hash.hash())
                .setHashRevision(hash.revision())
                .setCompactRevision(hash.compactRevision())
                .build()
                .toByteArray();
    }

    /** The version of a member. */
    CompletableFuture<Version> version(long memberId) {
        if (memberId == log.status().memberId()) {
            return CompletableFuture.completedFuture(Version.ETCD);
        }
        return calls.call(memberId, VERSION, new byte[0], TIMEOUT_MS).thenApply(bytes -> {
            Version version = Version.parse(new String(bytes, StandardCharsets.UTF_8));
            if (version == null) {
                throw new IllegalStateException("a member told a version that is none");
            }
            return version;
        });
    }

    @Override
    public CompletableFuture<Boolean> reachable(long memberId) {
        return version(memberId).handle((_, failure) -> failure == null);
    }

    @Override
    public CompletableFuture<HashKVResponse> hash(long memberId, long revision, int timeoutMs) {
        byte[] request = ByteBuffer.allocate(8).putLong(revision).array();
        return calls.call(memberId, HASH, request, timeoutMs).thenApply(bytes -> {
            try {
                return HashKVResponse.parseFrom(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("a member told a hash that is none", e);
            }
        });
    }

    /** Whether a learner has nearly all of the leader's log; asks the leader. */
    CompletableFuture<Boolean> learnerReady(long memberId) {
        long leader = log.status().leaderId();
        if (leader == 0) {
            return CompletableFuture.failedFuture(new RaftException.NoLeader("no leader"));
        }
        if (leader == log.status().memberId()) {
            return CompletableFuture.completedFuture(readyHere(memberId));
        }
        byte[] request = ByteBuffer.allocate(8).putLong(memberId).array();
        return calls.call(leader, LEARNER_READY, request, TIMEOUT_MS)
                .thenApply(answer -> answer.length == 1 && answer[0] == 1);
    }

    private boolean readyHere(long memberId) {
        Map<Long, Long> indexes = log.replicatedIndexes();
        Long index = indexes.get(memberId);
        return index != null && index >= log.status().committedIndex() * READY_SHARE;
    }
}
