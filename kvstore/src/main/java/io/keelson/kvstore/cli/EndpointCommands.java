package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.client.ClientConfig;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.errors.EtcdError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** {@code endpoint …}: each endpoint is asked by itself. */
final class EndpointCommands {
    private static final ByteString HEALTH_KEY = ByteString.copyFromUtf8("health");

    private EndpointCommands() {}

    static void health(Invocation call) throws InterruptedException {
        ClientConfig config = call.config();
        List<String> endpoints = endpoints(call);
        List<Thread> askers = new ArrayList<>();
        BlockingQueue<EndpointReply.Health> arrived = new LinkedBlockingQueue<>(Math.max(1, endpoints.size()));
        for (String endpoint : endpoints) {
            ClientConfig one = config.withEndpoints(List.of(endpoint));
            askers.add(Thread.ofVirtual().start(() -> arrived.add(health(one, endpoint, call.deadline()))));
        }
        for (Thread asker : askers) {
            asker.join();
        }
        List<EndpointReply.Health> replies = List.copyOf(arrived);
        call.printer().health(replies);
        for (EndpointReply.Health reply : replies) {
            if (!reply.error().isEmpty()) {
                throw CommandFailure.of(ExitCode.ERROR, "unhealthy cluster");
            }
        }
    }

    private static EndpointReply.Health health(ClientConfig config, String endpoint, Deadline deadline) {
        String name = ByteText.ofText(endpoint);
        try (KvClient client = KvClient.open(config)) {
            long startNs = System.nanoTime();
            String error = "";
            try {
                var _ = client.read(
                        KVGrpc.getRangeMethod(),
                        RangeRequest.newBuilder().setKey(HEALTH_KEY).build(),
                        deadline);
                error = alarms(client, deadline);
            } catch (StatusRuntimeException e) {
                // Being refused a key takes a healthy member too.
                if (!EtcdError.PERMISSION_DENIED.text().equals(e.getStatus().getDescription())) {
                    error = ErrorText.of(e);
                }
            }
            String took = GoDuration.format(Duration.ofNanos(System.nanoTime() - startNs));
            return new EndpointReply.Health(name, error.isEmpty(), took, error);
        } catch (StatusRuntimeException | IllegalArgumentException e) {
            return new EndpointReply.Health(name, false, "", ErrorText.of(e));
        }
    }

    private static String alarms(KvClient client, Deadline deadline) {
        AlarmResponse alarms;
        try {
            alarms = client.read(
                    MaintenanceGrpc.getAlarmMethod(),
                    AlarmRequest.newBuilder()
                            .setAction(AlarmRequest.AlarmAction.GET)
                            .build(),
                    deadline);
        } catch (StatusRuntimeException e) {
            return "Unable to fetch the alarm list";
        }
        StringBuilder active = new StringBuilder();
        for (AlarmMember alarm : alarms.getAlarmsList()) {
            if (alarm.getAlarm() == AlarmType.NOSPACE || alarm.getAlarm() == AlarmType.CORRUPT) {
                active.append(alarm.getAlarm().name()).append(' ');
            }
        }
        return active.isEmpty() ? "" : "Active Alarm(s): " + active;
    }

    static void status(Invocation call) {
        KvClient client = call.client();
        List<EndpointReply.Status> replies = new ArrayList<>();
        boolean failed = false;
        for (String endpoint : endpoints(call)) {
            try {
                StatusResponse response = client.callAt(
                        endpoint,
                        MaintenanceGrpc.getStatusMethod(),
                        StatusRequest.getDefaultInstance(),
                        call.deadline());
                replies.add(new EndpointReply.Status(ByteText.ofText(endpoint), response));
            } catch (StatusRuntimeException e) {
                failed = true;
                call.console()
                        .errorln("Failed to get the status of endpoint " + ByteText.ofText(endpoint) + " ("
                                + ErrorText.of(e) + ")");
            }
        }
        call.printer().status(replies);
        if (failed) {
            throw CommandFailure.silent(ExitCode.ERROR);
        }
    }

    static void hashKv(Invocation call) {
        KvClient client = call.client();
        List<EndpointReply.HashKv> replies = new ArrayList<>();
        StatusRuntimeException failure = null;
        HashKVRequest request = HashKVRequest.newBuilder()
                .setRevision(call.arguments().int64("rev"))
                .build();
        for (String endpoint : endpoints(call)) {
            try {
                HashKVResponse response =
                        client.callAt(endpoint, MaintenanceGrpc.getHashKVMethod(), request, call.deadline());
                replies.add(new EndpointReply.HashKv(ByteText.ofText(endpoint), response));
            } catch (StatusRuntimeException e) {
                failure = e;
                call.console()
                        .errorln("Failed to get the hash of endpoint " + ByteText.ofText(endpoint) + " ("
                                + ErrorText.of(e) + ")");
            }
        }
        call.printer().hashKv(replies);
        if (failure != null) {
            throw CommandFailure.of(ExitCode.ERROR, failure);
        }
    }

    /** The endpoints that were given, or with {@code --cluster} those of all members. */
    static List<String> endpoints(Invocation call) {
        if (!call.arguments().bool("cluster")) {
            return call.config().endpoints();
        }
        try (KvClient client = KvClient.open(call.config())) {
            MemberListResponse members = client.read(
                    ClusterGrpc.getMemberListMethod(),
                    MemberListRequest.newBuilder().setLinearizable(true).build(),
                    call.deadline());
            List<String> endpoints = new ArrayList<>();
            for (Member member : members.getMembersList()) {
                endpoints.addAll(member.getClientURLsList());
            }
            return endpoints;
        } catch (StatusRuntimeException e) {
            throw CommandFailure.of(
                    ExitCode.ERROR, "failed to fetch endpoints from etcd cluster member list: " + ErrorText.of(e));
        }
    }
}
