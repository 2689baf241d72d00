package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.keelson.kvstore.api.KVGrpc;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tools that know nothing of etcd learn of a member over gRPC: its health, and what it can be asked. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReflectionTest {
    private final KvServer server;
    private final ManagedChannel channel;

    ReflectionTest(@TempDir Path directory) throws Exception {
        server = TestServers.start(TestServers.loneMember(directory.resolve("a")));
        int port = server.clientUrls().getFirst().port();
        channel = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create())
                .build();
    }

    @AfterAll
    void close() {
        channel.shutdownNow();
        server.close();
    }

    @Test
    void aMemberThatHasStartedSaysThatItServes() {
        ServingStatus status = HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
        assertEquals(ServingStatus.SERVING, status);
    }

    /** The messages of both versions are the same on the wire. */
    private ServerReflectionResponse ask(String service, ServerReflectionRequest request) {
        MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> method =
                ServerReflectionGrpc.getServerReflectionInfoMethod().toBuilder()
                        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, "ServerReflectionInfo"))
                        .build();
        Iterator<ServerReflectionResponse> answers = ClientCalls.blockingServerStreamingCall(
                channel, method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
        ServerReflectionResponse answer = answers.next();
        assertFalse(answers.hasNext());
        return answer;
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"})
    void servicesAreListedAndDescribed(String service) {
        List<String> names = ask(
                        service,
                        ServerReflectionRequest.newBuilder().setListServices("").build())
                .getListServicesResponse()
                .getServiceList()
                .stream()
                .map(ServiceResponse::getName)
                .toList();
        assertTrue(names.contains(KVGrpc.SERVICE_NAME), names.toString());
        assertTrue(names.contains(service), names.toString());
        ServerReflectionResponse described = ask(
                service,
                ServerReflectionRequest.newBuilder()
                        .setFileContainingSymbol(KVGrpc.SERVICE_NAME)
                        .build());
        assertTrue(described.getFileDescriptorResponse().getFileDescriptorProtoCount() > 0, described.toString());
    }
}
