package io.keelson.kvstore.auth;

import static io.keelson.kvstore.api.Permission.Type.READ;
import static io.keelson.kvstore.api.Permission.Type.READWRITE;
import static io.keelson.kvstore.api.Permission.Type.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.AuthDisableRequest;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserRevokeRoleRequest;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.lease.LeaseRecord;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.storage.Table;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The rules by which commands are judged. Names that begin with a class of bug stand for advisories against etcd, named
 * beside them: whoever may do little must not get at more by that way.
 */
final class AuthGuardTest {
    private final AuthLog log = new AuthLog();
    private RequestUser alice = RequestUser.NOBODY;

    /** Alice may read and write m..p, read r, and write w. */
    @BeforeEach
    void enable() {
        log.addRoot("");
        log.enable();
        log.addUser(
                "alice",
                AuthLog.permission(READWRITE, "m", "p"),
                AuthLog.permission(READ, "r", ""),
                AuthLog.permission(WRITE, "w", ""));
        alice = log.user("alice");
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest.Builder put(String key) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes("v"));
    }

    private static DeleteRangeRequest.Builder delete(String key, String end) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    private static RangeRequest.Builder range(String key, String end) {
        return RangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    private static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static RequestOp op(DeleteRangeRequest.Builder delete) {
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }

    private static RequestOp op(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    private static RequestOp op(TxnRequest txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    private static TxnRequest txn(RequestOp... success) {
        return TxnRequest.newBuilder().addAllSuccess(List.of(success)).build();
    }

    private static TxnRequest otherwise(RequestOp... failure) {
        return TxnRequest.newBuilder().addAllFailure(List.of(failure)).build();
    }

    private @Nullable EtcdError put(PutRequest.Builder request) {
        return log.judge(alice, CommandKind.PUT, request.build());
    }

    private @Nullable EtcdError delete(DeleteRangeRequest.Builder request) {
        return log.judge(alice, CommandKind.DELETE_RANGE, request.build());
    }

    private @Nullable EtcdError judge(TxnRequest request) {
        return log.judge(alice, CommandKind.TXN, request);
    }

    private void attach(long leaseId, String key) {
        log.session.put(Table.LEASE, LeaseRecord.key(leaseId), new LeaseRecord(10, 10_000).encode());
        log.session.put(
                Table.LEASE_KEY, LeaseRecord.attachmentKey(leaseId, key.getBytes(StandardCharsets.UTF_8)), new byte[0]);
    }

    private static void assertPermitted(@Nullable EtcdError judgement) {
        assertNull(judgement);
    }

    private static void assertDenied(@Nullable EtcdError judgement) {
        assertEquals(EtcdError.PERMISSION_DENIED, judgement);
    }

    @Test
    void aPutNeedsWriting() {
        assertPermitted(put(put("m")));
        assertPermitted(put(put("w")));
        assertDenied(put(put("r")));
        assertDenied(put(put("p")));
        assertDenied(put(put("l\u007f")));
    }

    @Test
    void prevKvOfAPutNeedsReadingToo() {
        assertPermitted(put(put("m").setPrevKv(true)));
        assertDenied(put(put("w").setPrevKv(true)));
    }

    @Test
    void prevKvOfADeletionNeedsReadingToo() {
        assertPermitted(delete(delete("m", "").setPrevKv(true)));
        assertPermitted(delete(delete("w", "")));
        assertDenied(delete(delete("w", "").setPrevKv(true)));
    }

    @Test
    void aDeletionNeedsWritingOfItsWholeRange() {
        assertPermitted(delete(delete("m", "p")));
        assertPermitted(delete(delete("n", "o")));
        assertDenied(delete(delete("m", "p\0")));
        assertDenied(delete(delete("m", "\0")));
        assertDenied(delete(delete("w", "\0")));
        assertDenied(delete(delete("", "\0")));
        assertDenied(delete(delete("z", "a")));
    }

    @Test
    void aComparisonNeedsReadingOfItsWholeRange() {
        for (String end : List.of("", "\0", "z")) {
            TxnRequest.Builder txn = TxnRequest.newBuilder()
                    .addCompare(Compare.newBuilder().setKey(bytes("secret")).setRangeEnd(bytes(end)));
            assertDenied(judge(txn.build()));
        }
        assertPermitted(judge(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes("m")).setRangeEnd(bytes("p")))
                .build()));
        assertDenied(judge(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes("m")).setRangeEnd(bytes("q")))
                .build()));
        assertDenied(judge(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes("w")))
                .build()));
    }

    /** GHSA-rfx7-8w68-q57q: what is nested in a transaction was not judged at all. */
    @Test
    void nestedTransactionsAreJudgedInBothBranchesAtEveryDepth() {
        List<RequestOp> forbidden =
                List.of(op(put("secret")), op(range("secret", "")), op(delete("secret", "")), op(range("m", "\0")));
        for (RequestOp operation : forbidden) {
            TxnRequest inSuccess = txn(operation);
            TxnRequest inFailure = otherwise(operation);
            for (int depth = 0; depth < 10; depth++) {
                assertDenied(judge(inSuccess));
                assertDenied(judge(inFailure));
                inSuccess = depth % 2 == 0 ? txn(op(put("m")), op(inSuccess)) : otherwise(op(inSuccess));
                inFailure = depth % 2 == 0 ? otherwise(op(put("m")), op(inFailure)) : txn(op(inFailure));
            }
        }
        assertPermitted(judge(txn(op(put("m")), op(txn(op(otherwise(op(range("m", "p")), op(delete("n", "")))))))));
    }

    /** GHSA-rfx7-8w68-q57q, with the comparison of a nested transaction as the way to find out a value. */
    @Test
    void nestedComparisonsAreJudged() {
        TxnRequest probe = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes("secret")).setValue(bytes("guess")))
                .build();
        assertDenied(judge(txn(op(probe))));
        assertDenied(judge(otherwise(op(otherwise(op(probe))))));
    }

    /** CVE-2026-44283: prev_kv of a put was looked at outside transactions only. */
    @Test
    void prevKvInsideATransactionNeedsReading() {
        assertDenied(judge(txn(op(put("w").setPrevKv(true)))));
        assertDenied(judge(otherwise(op(txn(op(put("w").setPrevKv(true)))))));
        assertDenied(judge(txn(op(delete("w", "").setPrevKv(true)))));
        assertPermitted(judge(txn(op(put("w")), op(delete("w", "")), op(put("m").setPrevKv(true)))));
    }

    /** CVE-2026-44283: attaching to others' leases was looked at outside transactions only. */
    @Test
    void attachingToALeaseNeedsWritingOfAllKeysAttachedToIt() {
        attach(7, "m");
        attach(7, "n");
        assertPermitted(put(put("m").setLease(7)));
        assertPermitted(judge(txn(op(put("m").setLease(7)))));

        attach(7, "secret");
        assertDenied(put(put("m").setLease(7)));
        assertDenied(judge(txn(op(put("m").setLease(7)))));
        assertDenied(judge(otherwise(op(txn(op(put("m").setLease(7)))))));
        assertPermitted(put(put("m").setLease(8)));
    }

    @Test
    void aLeaseIsRevokedByWhoMayWriteAllItsKeys() {
        LeaseRevokeRequest revoke = LeaseRevokeRequest.newBuilder().setID(7).build();
        assertPermitted(log.judge(alice, CommandKind.LEASE_REVOKE, revoke));
        attach(7, "m");
        attach(7, "w");
        assertPermitted(log.judge(alice, CommandKind.LEASE_REVOKE, revoke));
        attach(7, "r");
        assertDenied(log.judge(alice, CommandKind.LEASE_REVOKE, revoke));
        assertPermitted(log.judge(log.user("root"), CommandKind.LEASE_REVOKE, revoke));
    }

    @Test
    void aLeaseOfManyKeysIsJudgedByAFewLooks() {
        for (int i = 0; i < 20_000; i++) {
            attach(7, "m" + i);
        }
        for (int i = 0; i < 200; i++) {
            assertPermitted(put(put("m").setLease(7)));
        }
    }

    /** GHSA-xg4h-6gfc-h4m8: the end of a watch meant "all from here" to the watch and "one key" to its check. */
    @Test
    void aRangeEndMeansTheSameToACheckAsToTheOperation() {
        Authorizer authorizer = new Authorizer(log.store, log.tokens);

        authorizer.checkRead(alice, KeyRange.of("r".getBytes(StandardCharsets.UTF_8), new byte[0]));
        for (byte[] end : List.of(new byte[] {0}, new byte[] {'s'}, new byte[] {(byte) 0xff}, new byte[] {0, 0})) {
            KeyRange range = KeyRange.of("r".getBytes(StandardCharsets.UTF_8), end);
            if (range.contains("r\0".getBytes(StandardCharsets.UTF_8))) {
                EtcdException refusal = assertThrows(EtcdException.class, () -> authorizer.checkRead(alice, range));
                assertEquals(EtcdError.PERMISSION_DENIED, refusal.error());
            }
        }
    }

    /** GHSA-q8m4-xhhv-38mg: leases, compaction and members were open to everybody. */
    @Test
    void nobodyGetsNothingDone() {
        RequestUser nobody = RequestUser.NOBODY;
        assertEquals(EtcdError.USER_EMPTY, log.judge(nobody, CommandKind.PUT, put("m").build()));
        assertEquals(
                EtcdError.USER_EMPTY,
                log.judge(nobody, CommandKind.DELETE_RANGE, delete("m", "").build()));
        assertEquals(EtcdError.USER_EMPTY, log.judge(nobody, CommandKind.TXN, TxnRequest.getDefaultInstance()));
        assertEquals(
                EtcdError.USER_EMPTY,
                log.judge(nobody, CommandKind.LEASE_GRANT, LeaseGrantRequest.getDefaultInstance()));
        assertEquals(
                EtcdError.USER_EMPTY,
                log.judge(nobody, CommandKind.LEASE_REVOKE, LeaseRevokeRequest.getDefaultInstance()));
        assertEquals(
                EtcdError.USER_EMPTY,
                log.judge(nobody, CommandKind.AUTH_USER_ADD, AuthUserAddRequest.getDefaultInstance()));
    }

    @Test
    void whatOnlyAdministratorsMayDoIsDeniedToOthers() {
        assertDenied(log.judge(alice, CommandKind.COMPACT, CompactionRequest.getDefaultInstance()));
        assertDenied(log.judge(alice, CommandKind.MEMBER_ADD, Member.getDefaultInstance()));
        assertDenied(log.judge(alice, CommandKind.AUTH_USER_ADD, AuthUserAddRequest.getDefaultInstance()));
        assertPermitted(log.judge(log.user("root"), CommandKind.COMPACT, CompactionRequest.getDefaultInstance()));
    }

    @Test
    void theSystemsOwnCommandsNeedNoUser() {
        RequestUser nobody = RequestUser.NOBODY;
        assertPermitted(log.judge(nobody, CommandKind.COMPACT, CompactionRequest.getDefaultInstance()));
        assertPermitted(log.judge(nobody, CommandKind.MEMBER_PUBLISH, Member.getDefaultInstance()));
        assertPermitted(log.judge(nobody, CommandKind.LEASE_EXPIRE, Member.getDefaultInstance()));
    }

    @Test
    void whatWasLetInUnderAnOlderRevisionIsRefused() {
        log.addUser("bob");

        assertEquals(EtcdError.AUTH_OLD_REVISION, put(put("m")));
        alice = log.user("alice");
        assertPermitted(put(put("m")));
    }

    @Test
    void aUserWhoIsGoneOrLostTheRoleIsDenied() {
        log.run(
                "root",
                CommandKind.AUTH_USER_REVOKE_ROLE,
                AuthUserRevokeRoleRequest.newBuilder()
                        .setName("alice")
                        .setRole("alice")
                        .build());
        alice = log.user("alice");
        assertDenied(put(put("m")));
        alice = log.user("mallory");
        assertDenied(put(put("m")));
    }

    @Test
    void rootMayDoEverything() {
        alice = log.user("root");
        assertPermitted(put(put("anything").setPrevKv(true)));
        assertPermitted(delete(delete("\0", "\0").setPrevKv(true)));
    }

    @Test
    void withoutAuthenticationEverybodyMayDoEverything() {
        log.run("root", CommandKind.AUTH_DISABLE, AuthDisableRequest.getDefaultInstance());
        alice = RequestUser.NOBODY;
        assertPermitted(put(put("anything")));
    }

    @Test
    void aTransactionAsDeepAsTheParserLetsThroughIsJudged() throws Exception {
        TxnRequest deep = txn(op(put("secret")));
        for (int i = 0; i < 45; i++) {
            deep = txn(op(deep));
        }
        assertDenied(judge(TxnRequest.parseFrom(deep.toByteArray())));
        TxnRequest wide = TxnRequest.newBuilder()
                .addAllSuccess(Collections.nCopies(50_000, op(put("m"))))
                .addFailure(op(put("secret")))
                .build();
        assertDenied(judge(wide));
    }
}
