package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.LockRequest;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.StatusRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member with authentication on, for those who have no user: probes find it well, and learn nothing else. */
class AuthenticatedServerTest {
    @Test
    void probesFindItWellAndItsStatusIsForAdministrators(@TempDir Path folder) throws Exception {
        try (KvServer server = TestServers.start(TestServers.loneMember(folder));
                HttpClient http = HttpClient.newHttpClient()) {
            AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(server.channel());
            enable(auth);
            int port = server.clientUrls().getFirst().port();
            for (String page : new String[] {"health", "livez", "readyz"}) {
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + page))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), page + ": " + answer.body());
            }
            StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, () -> {
                var _ = MaintenanceGrpc.newBlockingStub(server.channel()).status(StatusRequest.getDefaultInstance());
            });
            assertEquals(Status.Code.INVALID_ARGUMENT, refusal.getStatus().getCode());
            assertEquals("etcdserver: user name is empty", refusal.getStatus().getDescription());
        }
    }

    private static void enable(AuthGrpc.AuthBlockingStub auth) {
        var _ = auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName("root")
                .setPassword("secret")
                .build());
        var _ = auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        var _ = auth.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    @Test
    void whoHasATokenLocksAndNobodyElseDoes(@TempDir Path folder) throws Exception {
        try (KvServer server = TestServers.start(TestServers.loneMember(folder))) {
            AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(server.channel());
            enable(auth);
            LockRequest request = LockRequest.newBuilder()
                    .setName(ByteString.copyFromUtf8("lock"))
                    .build();
            LockGrpc.LockBlockingStub locks =
                    LockGrpc.newBlockingStub(server.channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
            StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, () -> locks.lock(request));
            assertEquals("etcdserver: user name is empty", refusal.getStatus().getDescription());
            Metadata credentials = new Metadata();
            credentials.put(
                    Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER),
                    auth.authenticate(AuthenticateRequest.newBuilder()
                                    .setName("root")
                                    .setPassword("secret")
                                    .build())
                            .getToken());
            ByteString key = locks.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(credentials))
                    .lock(request)
                    .getKey();
            assertTrue(key.toStringUtf8().startsWith("lock/"), key::toStringUtf8);
        }
    }
}
