package io.keelson.kvstore.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberAddResponse;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.MemberPromoteRequest;
import io.keelson.kvstore.api.MemberPromoteResponse;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.MemberUpdateResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.server.config.ListenUrl;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The gRPC service {@code etcdserverpb.Cluster}. A change is answered when the table of members has it; the log's own
 * members follow (see {@link MembershipTasks}).
 */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
    private final Proposals proposals;
    private final ReadPoints readPoints;
    private final Headers headers;
    private final Authorizer authorizer;
    private final Supplier<Membership> membership;
    private final PeerService peers;
    private final InstantSource clock;
    private final Rules rules;

    /**
     * What the flags say.
     *
     * @param token the cluster's, for ids of new members
     * @param strict whether changes that would cost the majority are refused
     */
    record Rules(String token, boolean strict, int learnersMax) {}

    ClusterService(
            Proposals proposals,
            ReadPoints readPoints,
            Headers headers,
            Authorizer authorizer,
            Supplier<Membership> membership,
            PeerService peers,
            InstantSource clock,
            Rules rules) {
        this.proposals = proposals;
        this.readPoints = readPoints;
        this.headers = headers;
        this.authorizer = authorizer;
        this.membership = membership;
        this.peers = peers;
        this.clock = clock;
        this.rules = rules;
    }

    @Override
    public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            List<String> urls = checkedUrls(request.getPeerURLsList());
            Member member = Member.newBuilder()
                    .setID(ClusterIds.memberId(
                            urls, rules.token(), clock.instant().getEpochSecond()))
                    .addAllPeerURLs(urls)
                    .setIsLearner(request.getIsLearner())
                    .build();
            Membership now = membership.get();
            CompletableFuture<Void> allowed = CompletableFuture.completedFuture(null);
            if (rules.strict()) {
                if (!request.getIsLearner() && !now.readyToAddVoter()) {
                    throw EtcdError.MEMBER_NOT_ENOUGH_STARTED.exception();
                }
                allowed = requireHealthy(now.voters(), now.voters().size());
            }
            return propose(
                    allowed,
                    CommandKind.MEMBER_ADD,
                    MembershipStore.addition(member, rules.learnersMax()),
                    (header, body) -> MemberAddResponse.parseFrom(body).toBuilder()
                            .setHeader(header)
                            .build());
        });
    }

    @Override
    public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            CompletableFuture<Void> allowed = known(request.getID()).thenCompose(this::removable);
            return propose(
                    allowed,
                    CommandKind.MEMBER_REMOVE,
                    request.toByteArray(),
                    (header, body) -> MemberRemoveResponse.parseFrom(body).toBuilder()
                            .setHeader(header)
                            .build());
        });
    }

    @Override
    public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            MemberUpdateRequest checked = request.toBuilder()
                    .clearPeerURLs()
                    .addAllPeerURLs(checkedUrls(request.getPeerURLsList()))
                    .build();
            return propose(
                    CompletableFuture.completedFuture(null),
                    CommandKind.MEMBER_UPDATE,
                    checked.toByteArray(),
                    (header, body) -> MemberUpdateResponse.parseFrom(body).toBuilder()
                            .setHeader(header)
                            .build());
        });
    }

    @Override
    public void memberPromote(MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            CompletableFuture<Void> allowed = known(request.getID()).thenCompose(this::promotable);
            return propose(
                    allowed,
                    CommandKind.MEMBER_PROMOTE,
                    request.toByteArray(),
                    (header, body) -> MemberPromoteResponse.parseFrom(body).toBuilder()
                            .setHeader(header)
                            .build());
        });
    }

    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> client) {
        Answers.send(client, () -> {
            authorizer.checkUser(authorizer.user());
            CompletableFuture<Void> current =
                    request.getLinearizable() ? readPoints.linearizable() : CompletableFuture.completedFuture(null);
            return current.thenApply(_ -> MemberListResponse.newBuilder()
                    .setHeader(headers.header(0))
                    .addAllMembers(membership.get().list())
                    .build());
        });
    }

    /**
     * The member of an id. Of one that is not known here it is first made sure that it is not known anywhere: a client may
     * have added it through another member a moment ago.
     */
    private CompletableFuture<Member> known(long id) {
        Member here = membership.get().member(id);
        if (here != null) {
            return CompletableFuture.completedFuture(here);
        }
        return readPoints.linearizable().thenApply(_ -> {
            Member anywhere = membership.get().member(id);
            if (anywhere == null) {
                throw EtcdError.MEMBER_NOT_FOUND.exception();
            }
            return anywhere;
        });
    }

    private CompletableFuture<Void> removable(Member member) {
        Membership now = membership.get();
        if (!rules.strict() || member.getIsLearner()) {
            return CompletableFuture.completedFuture(null);
        }
        if (!now.readyToRemoveVoter(member.getID())) {
            throw EtcdError.MEMBER_NOT_ENOUGH_STARTED.exception();
        }
        // One that is away already is not missed; of those that answer a majority must remain.
        return peers.reachable(member.getID())
                .thenCompose(answers ->
                        answers ? requireHealthyWithout(now.voters()) : CompletableFuture.completedFuture(null));
    }

    private CompletableFuture<Void> promotable(Member member) {
        if (!member.getIsLearner()) {
            throw EtcdError.MEMBER_NOT_LEARNER.exception();
        }
        return peers.learnerReady(member.getID()).thenAccept(ready -> {
            if (!ready) {
                throw EtcdError.LEARNER_NOT_READY.exception();
            }
            if (rules.strict() && !membership.get().readyToPromote(member.getID())) {
                throw EtcdError.MEMBER_NOT_ENOUGH_STARTED.exception();
            }
        });
    }

    private static List<String> checkedUrls(List<String> urls) {
        if (urls.isEmpty()) {
            throw EtcdError.MEMBER_BAD_URLS.exception();
        }
        List<String> checked = new ArrayList<>();
        for (String url : urls) {
            try {
                checked.add(ListenUrl.parse(url).toString());
            } catch (IllegalArgumentException e) {
                throw new EtcdException(EtcdError.MEMBER_BAD_URLS);
            }
        }
        return checked.stream().sorted().toList();
    }

    /** Fails with UNHEALTHY unless so many of the voters answer. */
    private CompletableFuture<Void> requireHealthy(List<Member> voters, int atLeast) {
        return answering(voters).thenAccept(count -> {
            if (count < atLeast) {
                throw EtcdError.UNHEALTHY.exception();
            }
        });
    }

    /** Fails with UNHEALTHY unless a majority is left when one of those that answer goes. */
    private CompletableFuture<Void> requireHealthyWithout(List<Member> voters) {
        return answering(voters).thenAccept(count -> {
            if (count - 1 < 1 + (voters.size() - 2) / 2) {
                throw EtcdError.UNHEALTHY.exception();
            }
        });
    }

    private CompletableFuture<Integer> answering(List<Member> voters) {
        CompletableFuture<Integer> count = CompletableFuture.completedFuture(0);
        for (Member voter : voters) {
            count = count.thenCombine(peers.reachable(voter.getID()), (sum, answers) -> sum + (answers ? 1 : 0));
        }
        return count;
    }

    private <T> CompletableFuture<T> propose(
            CompletableFuture<Void> allowed, CommandKind kind, byte[] payload, Answer<T> answer) {
        var command = authorizer.command(kind, ByteBuffer.wrap(payload));
        Function<ApplyResult, T> read = result -> {
            try {
                return answer.read(headers.header(0), result.body());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("the answer to a " + kind + " cannot be read", e);
            }
        };
        return allowed.thenCompose(_ -> proposals.propose(command)).thenApply(read);
    }

    /** Puts the header into the answer that the handler of a command made. */
    @FunctionalInterface
    private interface Answer<T> {
        T read(ResponseHeader header, byte[] body) throws InvalidProtocolBufferException;
    }
}
