package io.keelson.kvstore.auth;

import static io.keelson.kvstore.api.Permission.Type.READ;
import static io.keelson.kvstore.api.Permission.Type.READWRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What users may do with leases is what they may do with the keys attached to them. */
final class LeasePermissionsTest {
    private final AuthLog log = new AuthLog();
    private final Map<Long, TreeSet<String>> attached = new HashMap<>();
    private final LeasePermissions access =
            new LeasePermissions(new Authorizer(log.store, log.tokens), (lease, from, visitor) -> {
                String first = new String(from, StandardCharsets.UTF_8);
                for (String key : attached.getOrDefault(lease, new TreeSet<>()).tailSet(first)) {
                    if (!visitor.test(key.getBytes(StandardCharsets.UTF_8))) {
                        return;
                    }
                }
            });

    private void enable() {
        log.addRoot("");
        log.enable();
        log.addUser("alice", AuthLog.permission(READWRITE, "m", "p"), AuthLog.permission(READ, "r", ""));
    }

    private void attach(long lease, String... keys) {
        attached.computeIfAbsent(lease, _ -> new TreeSet<>()).addAll(List.of(keys));
    }

    private static void as(String user, Runnable call) {
        Context.current()
                .withValue(Credential.KEY, new Credential.CommonName(user))
                .run(call);
    }

    private static void assertRefused(EtcdError error, Runnable call) {
        assertEquals(error, assertThrows(EtcdException.class, call::run).error());
    }

    private static List<ByteString> keys(String... keys) {
        return List.of(keys).stream().map(ByteString::copyFromUtf8).toList();
    }

    @Test
    void renewingNeedsWritingOfAllAttachedKeys() {
        enable();
        attach(1, "m", "n");
        attach(2, "m", "r");
        as("alice", () -> {
            access.checkRenew(1);
            access.checkRenew(99);
            assertRefused(EtcdError.PERMISSION_DENIED, () -> access.checkRenew(2));
        });
        as("root", () -> access.checkRenew(2));
        as("mallory", () -> assertRefused(EtcdError.PERMISSION_DENIED, () -> access.checkRenew(1)));
    }

    /** CVE-2023-32082: the keys of a lease were named to those who may not read them. */
    @Test
    void keysAreNamedToWhoMayReadThem() {
        enable();
        as("alice", () -> {
            access.checkKeys(keys("m", "r"));
            access.checkKeys(keys());
            assertRefused(EtcdError.PERMISSION_DENIED, () -> access.checkKeys(keys("m", "secret")));
        });
        as("root", () -> access.checkKeys(keys("secret")));
    }

    @Test
    void leasesAreListedToWhoMayReadAllTheirKeys() {
        enable();
        attach(1, "m");
        attach(2, "r");
        attach(3, "secret");
        as("alice", () -> {
            access.checkList(new long[] {1, 2});
            assertRefused(EtcdError.PERMISSION_DENIED, () -> access.checkList(new long[] {1, 2, 3}));
        });
        as("root", () -> access.checkList(new long[] {1, 2, 3}));
    }

    @Test
    void nobodyMayDoAnythingWithLeases() {
        enable();
        assertTrue(access.restricted());
        assertRefused(EtcdError.USER_EMPTY, () -> access.command(CommandKind.LEASE_GRANT, new byte[0]));
        assertRefused(EtcdError.USER_EMPTY, access::checkUser);
        assertRefused(EtcdError.USER_EMPTY, () -> access.checkRenew(1));
        assertRefused(EtcdError.USER_EMPTY, () -> access.checkKeys(keys()));
        assertRefused(EtcdError.USER_EMPTY, () -> access.checkList(new long[0]));
    }

    @Test
    void aCommandCarriesItsUserAndTheRevisionItWasLetInUnder() {
        enable();
        as("alice", () -> {
            Command command = access.command(CommandKind.LEASE_GRANT, new byte[] {1});
            assertEquals("alice", command.user());
            assertEquals(log.store.view().revision(), command.authRevision());
        });
    }

    @Test
    void withoutAuthenticationNothingIsRestricted() {
        attach(1, "secret");
        assertFalse(access.restricted());
        access.checkUser();
        access.checkRenew(1);
        access.checkKeys(keys("secret"));
        access.checkList(new long[] {1});
        assertEquals("", access.command(CommandKind.LEASE_GRANT, new byte[0]).user());
    }

    @Test
    void aNameThatDoesNotFitIntoACommandIsNobodys() {
        enable();
        as(
                "x".repeat(Command.USER_BYTES_MAX + 1),
                () -> assertRefused(EtcdError.INVALID_AUTH_TOKEN, () -> access.command(CommandKind.PUT, new byte[0])));
    }
}
