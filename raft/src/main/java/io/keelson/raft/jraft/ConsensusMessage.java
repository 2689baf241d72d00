package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.rpc.RpcRequests;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the consensus library says between members: the method of the transport for each, and how its request and answer
 * are read. An answer is one byte, {@link #ANSWER} or {@link #ERROR}, and the message.
 */
enum ConsensusMessage {
    APPEND_ENTRIES(
            "raft/append",
            RpcRequests.AppendEntriesRequest.class,
            RpcRequests.AppendEntriesRequest.getDefaultInstance(),
            RpcRequests.AppendEntriesResponse.getDefaultInstance()),
    REQUEST_VOTE(
            "raft/vote",
            RpcRequests.RequestVoteRequest.class,
            RpcRequests.RequestVoteRequest.getDefaultInstance(),
            RpcRequests.RequestVoteResponse.getDefaultInstance()),
    TIMEOUT_NOW(
            "raft/timeout-now",
            RpcRequests.TimeoutNowRequest.class,
            RpcRequests.TimeoutNowRequest.getDefaultInstance(),
            RpcRequests.TimeoutNowResponse.getDefaultInstance()),
    INSTALL_SNAPSHOT(
            "raft/install-snapshot",
            RpcRequests.InstallSnapshotRequest.class,
            RpcRequests.InstallSnapshotRequest.getDefaultInstance(),
            RpcRequests.InstallSnapshotResponse.getDefaultInstance());

    private static final ByteString ANSWER = ByteString.copyFrom(new byte[] {0});
    private static final ByteString ERROR = ByteString.copyFrom(new byte[] {1});
    private static final Map<Class<?>, ConsensusMessage> BY_REQUEST = new HashMap<>();

    static {
        for (ConsensusMessage message : values()) {
            BY_REQUEST.put(message.requestClass, message);
        }
    }

    private final String method;
    private final Class<?> requestClass;
    private final Parser<? extends Message> requestParser;
    private final Message emptyResponse;

    ConsensusMessage(String method, Class<?> requestClass, Message emptyRequest, Message emptyResponse) {
        this.method = method;
        this.requestClass = requestClass;
        this.requestParser = emptyRequest.getParserForType();
        this.emptyResponse = emptyResponse;
    }

    static @Nullable ConsensusMessage of(Object request) {
        return BY_REQUEST.get(request.getClass());
    }

    String method() {
        return method;
    }

    Message emptyResponse() {
        return emptyResponse;
    }

    Message parseRequest(ByteString payload) throws InvalidProtocolBufferException {
        return requestParser.parseFrom(payload);
    }

    static ByteString encodeAnswer(Message answer) {
        return (answer instanceof ErrorResponse ? ERROR : ANSWER).concat(answer.toByteString());
    }

    Message parseAnswer(ByteString payload) throws InvalidProtocolBufferException {
        if (payload.isEmpty()) {
            throw new InvalidProtocolBufferException("empty answer to " + method);
        }
        ByteString message = payload.substring(1);
        return payload.byteAt(0) == 0
                ? emptyResponse.getParserForType().parseFrom(message)
                : ErrorResponse.parseFrom(message);
    }
}
