package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DefragmentRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.TxnRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The way out that an operator of an etcd knows when space is used up: delete, compact, defragment, disarm. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SpaceTest {
    private static final long QUOTA_BYTES = 20_000_000;
    private static final int VALUE_BYTES = 500_000;

    @TempDir
    Path folder = Path.of("");

    private final Random random = new Random(1);

    private PutRequest put(String key, int bytes) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFrom(value))
                .build();
    }

    private static void assertNoSpace(Runnable call) {
        Status status = assertThrows(StatusRuntimeException.class, call::run).getStatus();
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode());
        assertEquals("etcdserver: mvcc: database space exceeded", status.getDescription());
    }

    private KvServer started() throws Exception {
        List<String> flags = TestServers.loneMember(folder);
        flags.add("--quota-backend-bytes=" + QUOTA_BYTES);
        return TestServers.start(flags);
    }

    private void fill(KVGrpc.KVBlockingStub kv) {
        assertNoSpace(() -> {
            // The size is measured once a second; on a fast machine much is written meanwhile.
            for (int i = 0; i < 5_000; i++) {
                var _ = kv.put(put("key" + i % 5, VALUE_BYTES));
            }
        });
    }

    private static String health(KvServer server) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + server.clientUrls().getFirst().port() + "/health"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private static AlarmRequest alarm(AlarmRequest.AlarmAction action) {
        return AlarmRequest.newBuilder()
                .setAction(action)
                .setAlarm(action == AlarmRequest.AlarmAction.GET ? AlarmType.NONE : AlarmType.NOSPACE)
                .build();
    }

    @Test
    void aFullStoreDeletesAndCompactsAndThenTakesDataAgain() throws Exception {
        try (KvServer server = started()) {
            KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(server.channel());
            MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
            fill(kv);
            TestServers.await(
                    "the alarm",
                    () -> maintenance.alarm(alarm(AlarmRequest.AlarmAction.GET)).getAlarmsCount() == 1);
            assertTrue(health(server).contains("ALARM NOSPACE"));
            assertNoSpace(() -> kv.put(put("small", 1)));
            assertNoSpace(() -> kv.txn(TxnRequest.newBuilder()
                    .addFailure(RequestOp.newBuilder().setRequestPut(put("small", 1)))
                    .build()));
            assertNoSpace(() -> LeaseGrpc.newBlockingStub(server.channel())
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(10).build()));
            assertEquals(
                    1,
                    kv.deleteRange(DeleteRangeRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8("key0"))
                                    .build())
                            .getDeleted());
            long revision = kv.txn(TxnRequest.newBuilder()
                            .addSuccess(RequestOp.newBuilder()
                                    .setRequestDeleteRange(
                                            DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("key1"))))
                            .build())
                    .getHeader()
                    .getRevision();
            var _ = kv.compact(
                    CompactionRequest.newBuilder().setRevision(revision).build());
            var _ = maintenance.defragment(DefragmentRequest.getDefaultInstance());
            long usedBytes =
                    maintenance.status(StatusRequest.getDefaultInstance()).getDbSize();
            assertTrue(usedBytes < 5L * VALUE_BYTES, () -> usedBytes + " bytes are used");
            assertEquals(
                    1,
                    maintenance
                            .alarm(alarm(AlarmRequest.AlarmAction.DEACTIVATE).toBuilder()
                                    .setMemberID(server.memberId())
                                    .build())
                            .getAlarmsCount());
            for (int i = 0; i < 10; i++) {
                var _ = kv.put(put("again" + i, VALUE_BYTES));
            }
            assertEquals("{\"health\":\"true\",\"reason\":\"\"}", health(server));
        }
    }

    @Test
    void aLeaseThatDoesNotFitIsRefusedAndRaisesTheAlarm() throws Exception {
        try (KvServer server = started()) {
            MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
            fill(KVGrpc.newBlockingStub(server.channel()));
            TestServers.await(
                    "the alarm",
                    () -> maintenance.alarm(alarm(AlarmRequest.AlarmAction.GET)).getAlarmsCount() == 1);
            var _ = maintenance.alarm(alarm(AlarmRequest.AlarmAction.DEACTIVATE).toBuilder()
                    .setMemberID(server.memberId())
                    .build());
            assertEquals(
                    0, maintenance.alarm(alarm(AlarmRequest.AlarmAction.GET)).getAlarmsCount());
            assertNoSpace(() -> LeaseGrpc.newBlockingStub(server.channel())
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(10).build()));
            TestServers.await(
                    "the alarm again",
                    () -> maintenance.alarm(alarm(AlarmRequest.AlarmAction.GET)).getAlarmsCount() == 1);
        }
    }

    @Test
    void aCompactionAloneMakesRoomAfterAWhile() throws Exception {
        try (KvServer server = started()) {
            KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(server.channel());
            MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
            fill(kv);
            long revision = kv.range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("x"))
                            .build())
                    .getHeader()
                    .getRevision();
            var _ = kv.compact(
                    CompactionRequest.newBuilder().setRevision(revision).build());
            TestServers.await(
                    "room",
                    () -> maintenance.status(StatusRequest.getDefaultInstance()).getDbSize() < QUOTA_BYTES / 2);
        }
    }

    @Test
    void theAlarmIsStillRaisedAfterARestart() throws Exception {
        try (KvServer server = started()) {
            fill(KVGrpc.newBlockingStub(server.channel()));
            MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
            TestServers.await(
                    "the alarm",
                    () -> maintenance.alarm(alarm(AlarmRequest.AlarmAction.GET)).getAlarmsCount() == 1);
        }
        try (KvServer server = started()) {
            assertNoSpace(() -> KVGrpc.newBlockingStub(server.channel()).put(put("small", 1)));
        }
    }
}
