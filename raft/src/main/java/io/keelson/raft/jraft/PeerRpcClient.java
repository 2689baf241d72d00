package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotResponse;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.keelson.raft.RaftObserver;
import io.keelson.raft.transport.PeerReply;
import org.jspecify.annotations.Nullable;

/**
 * What the consensus library of one member sends. It is never told that a connection is missing: it would wait for one
 * with its own lock held. A request that cannot be sent fails a moment later, on another thread.
 */
final class PeerRpcClient implements RpcClient {
    private @Nullable MemberOptions member;

    void belongTo(MemberOptions options) {
        member = options;
    }

    private MemberOptions member() {
        if (member == null) {
            throw new IllegalStateException("the client belongs to no member");
        }
        return member;
    }

    @Override
    public boolean init(RpcOptions options) {
        belongTo((MemberOptions) options);
        return true;
    }

    @Override
    public void shutdown() {
        // The transport is closed by the member, after the library.
    }

    @Override
    public boolean checkConnection(Endpoint endpoint) {
        return true;
    }

    @Override
    public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
        return true;
    }

    @Override
    public void closeConnection(Endpoint endpoint) {
        // A stream serves all purposes between two members; it stays for the others.
    }

    @Override
    public void registerConnectEventListener(ReplicatorGroup replicatorGroup) {
        member().setReplicators(replicatorGroup);
    }

    @Override
    public Object invokeSync(Endpoint endpoint, Object request, @Nullable InvokeContext context, long timeoutMs)
            throws RemotingException {
        throw new RemotingException("only asynchronous requests are sent");
    }

    @Override
    public void invokeAsync(
            Endpoint endpoint, Object request, @Nullable InvokeContext context, InvokeCallback callback, long timeoutMs)
            throws RemotingException {
        ConsensusMessage kind = ConsensusMessage.of(request);
        if (kind == null) {
            throw new RemotingException("no such message between members: " + request.getClass());
        }
        long memberId = MemberNames.id(endpoint);
        PeerReply reply = new Reply(kind, callback);
        if (request instanceof AppendEntriesRequest append) {
            member().commitNews().sending(memberId, append);
            reply = new AppendReply(
                    memberId,
                    append,
                    callback,
                    member().commitNews(),
                    member().transport().observer());
        }
        if (request instanceof InstallSnapshotRequest) {
            member().snapshotOffered();
            member().transport().observer().snapshotSending(memberId);
            reply = new OfferReply(reply, member(), memberId, System.nanoTime());
        }
        member().transport()
                .call(
                        memberId,
                        kind.method(),
                        ((Message) request).toByteString(),
                        (int) Math.min(timeoutMs, Integer.MAX_VALUE),
                        reply);
    }

    /** The answer of a follower, which may now be ready to hear of a new commit index. */
    private record AppendReply(
            long memberId,
            AppendEntriesRequest request,
            InvokeCallback callback,
            CommitNews commitNews,
            RaftObserver observer)
            implements PeerReply {
        @Override
        public void answered(ByteString payload) {
            AppendEntriesResponse response = null;
            try {
                Message answer = ConsensusMessage.APPEND_ENTRIES.parseAnswer(payload);
                response = answer instanceof AppendEntriesResponse append ? append : null;
                callback.complete(answer, null);
            } catch (InvalidProtocolBufferException e) {
                callback.complete(null, new RemotingException("malformed answer", e));
            } finally {
                commitNews.ended(memberId, request, response);
            }
        }

        @Override
        public void failed(Failure failure, String message) {
            if (request.getEntriesCount() == 0) {
                observer.heartbeatFailed(memberId);
            }
            try {
                new Reply(ConsensusMessage.APPEND_ENTRIES, callback).failed(failure, message);
            } finally {
                commitNews.ended(memberId, request, null);
            }
        }
    }

    /** The end of a copy of a snapshot, good or bad. */
    private record OfferReply(PeerReply reply, MemberOptions member, long memberId, long beganNs) implements PeerReply {
        @Override
        public void answered(ByteString payload) {
            ended(installed(payload));
            reply.answered(payload);
        }

        @Override
        public void failed(Failure failure, String message) {
            ended(false);
            reply.failed(failure, message);
        }

        private static boolean installed(ByteString payload) {
            try {
                return ConsensusMessage.INSTALL_SNAPSHOT.parseAnswer(payload) instanceof InstallSnapshotResponse answer
                        && answer.getSuccess();
            } catch (InvalidProtocolBufferException e) {
                // The reply meets the same and tells the library.
                return false;
            }
        }

        private void ended(boolean installed) {
            member.offerEnded();
            member.transport().observer().snapshotSent(memberId, installed, System.nanoTime() - beganNs);
        }
    }

    private record Reply(ConsensusMessage kind, InvokeCallback callback) implements PeerReply {
        @Override
        public void answered(ByteString payload) {
            Message answer;
            try {
                answer = kind.parseAnswer(payload);
            } catch (InvalidProtocolBufferException e) {
                callback.complete(null, new RemotingException("malformed answer", e));
                return;
            }
            callback.complete(answer, null);
        }

        @Override
        public void failed(Failure failure, String message) {
            callback.complete(
                    null,
                    failure == Failure.TIMED_OUT
                            ? new InvokeTimeoutException(message)
                            : new RemotingException(message));
        }
    }
}
