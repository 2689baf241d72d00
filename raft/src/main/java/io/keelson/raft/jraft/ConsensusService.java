package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.keelson.raft.transport.PeerIdentity;
import io.keelson.raft.transport.PeerRequest;
import io.keelson.raft.transport.PeerTransport;
import io.keelson.raft.transport.PeerTransport.Access;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands other members' requests to the consensus library. Entries and votes are handled on the thread of their stream,
 * in order; the offer of a snapshot, which waits for the copy, leaves it for a thread of its own.
 */
final class ConsensusService {
    private static final Logger log = LoggerFactory.getLogger(ConsensusService.class);

    private final NodeImpl node;
    private final String group;
    private final String self;
    private final PeerTransport transport;

    ConsensusService(NodeImpl node, PeerTransport transport) {
        this.node = node;
        this.group = node.getGroupId();
        this.self = node.getServerId().toString();
        this.transport = transport;
    }

    void register() {
        for (ConsensusMessage kind : ConsensusMessage.values()) {
            boolean waits = kind == ConsensusMessage.INSTALL_SNAPSHOT;
            transport.serve(kind.method(), Access.MEMBERS, request -> {
                if (waits) {
                    transport.pool().execute(() -> handle(kind, request));
                } else {
                    handle(kind, request);
                }
            });
        }
    }

    private void handle(ConsensusMessage kind, PeerRequest request) {
        try {
            Message message = kind.parseRequest(request.payload());
            RpcRequestClosure answer = new RpcRequestClosure(new Answer(request), kind.emptyResponse());
            Message now = handle(message, request, answer);
            if (now != null) {
                request.respond(ConsensusMessage.encodeAnswer(now));
            }
        } catch (InvalidProtocolBufferException e) {
            request.refuse("malformed " + kind.method() + ": " + e.getMessage());
        } catch (RuntimeException e) {
            if (ending()) {
                // It came while this member was being closed: an election that finds nothing to send requests with, for
                // one.
                request.refuse(kind.method() + ": this member is closing");
                return;
            }
            log.error("{} of member {} failed", kind.method(), PeerIdentity.text(request.from()), e);
            request.refuse(kind.method() + " failed: " + e);
        }
    }

    private boolean ending() {
        return switch (node.getNodeState()) {
            case STATE_SHUTTING, STATE_SHUTDOWN, STATE_END -> true;
            default -> false;
        };
    }

    /** Returns the answer, or null if the closure gives it. */
    private @Nullable Message handle(Message message, PeerRequest request, RpcRequestClosure answer) {
        return switch (message) {
            case AppendEntriesRequest append -> {
                check(request, append.getGroupId(), append.getPeerId(), append.getServerId());
                yield node.handleAppendEntriesRequest(append, answer);
            }
            case RequestVoteRequest vote -> {
                check(request, vote.getGroupId(), vote.getPeerId(), vote.getServerId());
                yield vote.getPreVote() ? node.handlePreVoteRequest(vote) : node.handleRequestVoteRequest(vote);
            }
            case TimeoutNowRequest now -> {
                check(request, now.getGroupId(), now.getPeerId(), now.getServerId());
                yield node.handleTimeoutNowRequest(now, answer);
            }
            case InstallSnapshotRequest install -> {
                check(request, install.getGroupId(), install.getPeerId(), install.getServerId());
                yield node.handleInstallSnapshot(install, answer);
            }
            default -> throw new IllegalArgumentException("unexpected " + message.getClass());
        };
    }

    private void check(PeerRequest request, String toGroup, String to, String from) {
        if (!toGroup.equals(group) || !to.equals(self)) {
            throw new IllegalArgumentException("this is " + self + " of " + group + ", not " + to + " of " + toGroup);
        }
        if (!from.equals(MemberNames.peer(request.from()).toString())) {
            throw new IllegalArgumentException(
                    "member " + PeerIdentity.text(request.from()) + " speaks in the name of " + from);
        }
    }

    private record Answer(PeerRequest request) implements RpcContext {
        @Override
        public void sendResponse(Object response) {
            request.respond(ConsensusMessage.encodeAnswer((Message) response));
        }

        @Override
        public @Nullable Connection getConnection() {
            return null;
        }

        @Override
        public String getRemoteAddress() {
            return PeerIdentity.text(request.from());
        }
    }
}
