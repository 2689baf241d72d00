package io.keelson.kvstore.server;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.gateway.HealthSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How a member is, found out in the ways its clients would. */
record MemberHealth(MemberState state, long memberId, Channel channel) implements HealthSource {
    private static final ByteString KEY = ByteString.copyFromUtf8("health");

    @Override
    public List<String> alarms() {
        return state.membership().current().alarms().stream()
                .map(AlarmMember::getAlarm)
                .map(Enum::name)
                .distinct()
                .toList();
    }

    @Override
    public boolean hasLeader() {
        return state.leader().hasLeader();
    }

    @Override
    public boolean learner() {
        return state.membership().current().isLearner(memberId);
    }

    @Override
    public CompletableFuture<Void> read(boolean serializable) {
        return OneCall.unary(
                channel,
                KVGrpc.getRangeMethod(),
                RangeRequest.newBuilder()
                        .setKey(KEY)
                        .setKeysOnly(true)
                        .setLimit(1)
                        .setSerializable(serializable)
                        .build());
    }
}
