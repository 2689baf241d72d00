package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.DowngradeInfo;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.auth.AuthStore;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.auth.SimpleTokens;
import io.keelson.kvstore.membership.Membership;
import io.keelson.raft.RaftNode;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Changes of members through one that is behind the others. */
class ClusterServiceTest {
    private static final long ADDED_ELSEWHERE = 7;

    private final List<Command> proposed = new ArrayList<>();
    private final CompletableFuture<Void> upToDate = new CompletableFuture<>();
    private Membership known = members(1);

    private static Membership members(long... ids) {
        SortedMap<Long, Member> members = new TreeMap<>();
        for (long id : ids) {
            members.put(
                    id,
                    Member.newBuilder()
                            .setID(id)
                            .setIsLearner(id == ADDED_ELSEWHERE)
                            .build());
        }
        return new Membership(members, Set.of(), List.of(), "3.6.0", DowngradeInfo.getDefaultInstance());
    }

    /** Keeps how a call ended. */
    private static final class Outcome<T extends MessageLite> implements StreamObserver<T> {
        final CompletableFuture<T> answer = new CompletableFuture<>();

        @Override
        public void onNext(T value) {
            answer.complete(value);
        }

        @Override
        public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}
    }

    private ClusterService service() {
        Proposals proposals = new Proposals() {
            @Override
            public CompletableFuture<ApplyResult> propose(Command command) {
                proposed.add(command);
                return CompletableFuture.completedFuture(ApplyResult.success(1));
            }

            @Override
            public CompletableFuture<ApplyResult> proposeSystem(Command command) {
                return propose(command);
            }
        };
        ReadPoints readPoints = new ReadPoints() {
            @Override
            public CompletableFuture<Void> linearizable() {
                return upToDate;
            }

            @Override
            public Executor readers() {
                return Runnable::run;
            }
        };
        SimpleTokens tokens = new SimpleTokens(300, System::nanoTime);
        AuthStore users = new AuthStore(
                () -> {
                    throw new IllegalStateException("nothing is read anew here");
                },
                tokens);
        RaftNode log = (RaftNode)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {RaftNode.class}, (_, _, _) -> null);
        return new ClusterService(
                proposals,
                readPoints,
                new Headers(1, 1, () -> 1, () -> 1),
                new Authorizer(users, tokens),
                () -> known,
                new PeerService(log),
                () -> Instant.EPOCH,
                new ClusterService.Rules("token", true, 1));
    }

    private static MemberRemoveRequest removal(long id) {
        return MemberRemoveRequest.newBuilder().setID(id).build();
    }

    @Test
    void aMemberThatWasJustAddedThroughAnotherIsRemovedThroughOneThatHasNotHeardOfIt() {
        Outcome<MemberRemoveResponse> outcome = new Outcome<>();
        service().memberRemove(removal(ADDED_ELSEWHERE), outcome);
        assertFalse(outcome.answer.isDone());
        assertTrue(proposed.isEmpty());

        known = members(1, ADDED_ELSEWHERE);
        upToDate.complete(null);
        assertEquals(MemberRemoveResponse.class, outcome.answer.resultNow().getClass());
        assertEquals(
                List.of(CommandKind.MEMBER_REMOVE),
                proposed.stream().map(Command::kind).toList());
    }

    @Test
    void whomNobodyKnowsIsNotFound() {
        Outcome<MemberRemoveResponse> outcome = new Outcome<>();
        service().memberRemove(removal(8), outcome);
        upToDate.complete(null);
        Status status = Status.fromThrowable(outcome.answer.exceptionNow());
        assertEquals(Status.Code.NOT_FOUND, status.getCode());
        assertEquals("etcdserver: member not found", status.getDescription());
        assertTrue(proposed.isEmpty());
    }
}
