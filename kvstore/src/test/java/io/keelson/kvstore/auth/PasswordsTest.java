package io.keelson.kvstore.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PasswordsTest {
    private final Passwords passwords = new Passwords(4, 1);

    @AfterEach
    void stop() {
        passwords.close();
    }

    private boolean matches(@Nullable String hash, String password) throws Exception {
        return passwords
                .matches(hash == null ? null : ByteString.copyFromUtf8(hash), password)
                .get(20, TimeUnit.SECONDS);
    }

    private String hash(String password) throws Exception {
        return passwords.hash(password).get(20, TimeUnit.SECONDS).toStringUtf8();
    }

    @Test
    void aHashIsInTheFormThatGoWritesAndReads() throws Exception {
        String hash = hash("secret");

        assertTrue(hash.startsWith("$2a$04$"), hash);
        assertEquals(60, hash.length());
        assertTrue(matches(hash, "secret"));
        assertFalse(matches(hash, "Secret"));
        assertFalse(matches(hash, ""));
    }

    @Test
    void aHashThatGoMadeIsUnderstood() throws Exception {
        String madeByGo = "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga";

        assertTrue(matches(madeByGo, "allmine"));
        assertFalse(matches(madeByGo, "allmin"));
    }

    @Test
    void noPasswordMatchesWithoutAUsableHash() throws Exception {
        assertFalse(matches(null, ""));
        assertFalse(matches(null, "secret"));
        assertFalse(matches("", ""));
        assertFalse(matches("plain", "plain"));
        assertFalse(matches("$2a$99$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga", "allmine"));
    }

    @Test
    void anEmptyPasswordIsAPassword() throws Exception {
        assertTrue(matches(hash(""), ""));
        assertFalse(matches(hash(""), "x"));
    }

    @Test
    void aPasswordOfMoreThan72BytesIsRefusedAsByGo() throws Exception {
        assertTrue(matches(hash("é".repeat(36)), "é".repeat(36)));
        ExecutionException failure = assertThrows(ExecutionException.class, () -> hash("é".repeat(37)));
        Status status = Status.fromThrowable(failure.getCause());
        assertEquals(Status.Code.UNKNOWN, status.getCode());
        assertEquals("bcrypt: password length exceeds 72 bytes", status.getDescription());
    }

    @Test
    void moreThanTheBoundAreNotMadeToWait() throws Exception {
        try (Passwords slow = new Passwords(11, 1)) {
            List<CompletableFuture<ByteString>> hashes = new ArrayList<>();
            for (int i = 0; i < Passwords.WAITING_MAX + 2; i++) {
                hashes.add(slow.hash("secret"));
            }
            ExecutionException failure = assertThrows(
                    ExecutionException.class, () -> hashes.getLast().get(20, TimeUnit.SECONDS));
            assertEquals(
                    EtcdError.TOO_MANY_REQUESTS,
                    assertInstanceOf(EtcdException.class, failure.getCause()).error());
        }
    }

    @Test
    void aHashFromOutsideIsTakenIfItIsOneAndNotTooDear() {
        String rest = "$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga";

        assertTrue(passwords.accepts(ByteString.copyFromUtf8("$2a$10" + rest)));
        assertTrue(passwords.accepts(ByteString.copyFromUtf8("$2y$16" + rest)));
        assertFalse(passwords.accepts(ByteString.copyFromUtf8("$2a$31" + rest)));
        assertFalse(passwords.accepts(ByteString.copyFromUtf8("$2a$03" + rest)));
        assertFalse(passwords.accepts(ByteString.copyFromUtf8("$2a$10" + rest + "x")));
        assertFalse(passwords.accepts(ByteString.copyFromUtf8("plain")));
        assertFalse(passwords.accepts(ByteString.EMPTY));
    }
}
