package io.keelson.kvstore.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.keelson.kvstore.errors.EtcdError;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jspecify.annotations.Nullable;

/**
 * Hashes and checks passwords with bcrypt, in the form etcd stores them.
 *
 * <p>One bcrypt takes some 100 ms of a processor, on purpose. It is done by a few threads of its own, never by one that
 * serves others; at most {@link #WAITING_MAX} wait, and more fail with {@code TOO_MANY_REQUESTS}.
 */
public final class Passwords implements AutoCloseable {
    static final int WAITING_MAX = 64;

    private static final int COST_MIN = 4;
    private static final int COST_MAX = 31;
    private static final int COST_DEFAULT = 10;
    /** Costs that a hash brought by an administrator may have, even if new ones are made with less. */
    private static final int COST_ACCEPTED = 16;

    private static final int SALT_BYTES = 16;
    private static final int PASSWORD_BYTES_MAX = 72;
    private static final Pattern HASH = Pattern.compile("\\$2[abxy]\\$(0[4-9]|[12]\\d|3[01])\\$[./A-Za-z0-9]{53}");

    private final int cost;
    private final String nobodysHash;
    private final SecureRandom random = new SecureRandom();
    private final ThreadPoolExecutor workers;

    /**
     * @param cost logarithm of the work, 4 to 31; another number means 10, as in etcd
     * @param threads how many hashes are worked on at a time
     */
    public Passwords(int cost, int threads) {
        this.cost = cost < COST_MIN || cost > COST_MAX ? COST_DEFAULT : cost;
        // Well formed, of the usual cost, and the hash of no password that anybody knows.
        this.nobodysHash = String.format(Locale.ROOT, "$2a$%02d$", this.cost) + ".".repeat(53);
        this.workers = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().daemon().name("passwords-", 0).factory());
        workers.allowCoreThreadTimeOut(true);
    }

    /** The hash of a password, in bcrypt's text form. */
    CompletableFuture<ByteString> hash(String password) {
        byte[] bytes = password.getBytes(UTF_8);
        if (bytes.length > PASSWORD_BYTES_MAX) {
            return CompletableFuture.failedFuture(Status.UNKNOWN
                    .withDescription("bcrypt: password length exceeds 72 bytes")
                    .asException());
        }
        return submit(() -> {
            byte[] salt = new byte[SALT_BYTES];
            random.nextBytes(salt);
            return ByteString.copyFromUtf8(OpenBSDBCrypt.generate("2a", bytes, salt, cost));
        });
    }

    /**
     * Whether a password is that of a hash. Takes as long for no hash, so that the time does not tell who exists.
     *
     * @param hash null for a user that does not exist or has no password; the answer is then false
     */
    CompletableFuture<Boolean> matches(@Nullable ByteString hash, String password) {
        byte[] bytes = password.getBytes(UTF_8);
        String stored = hash == null ? "" : hash.toStringUtf8();
        boolean usable = HASH.matcher(stored).matches();
        return submit(() -> OpenBSDBCrypt.checkPassword(usable ? stored : nobodysHash, bytes) && usable);
    }

    /** Whether a hash that was made elsewhere can be taken: it is one, and checking it does not take for ever. */
    boolean accepts(ByteString hash) {
        Matcher parts = HASH.matcher(hash.toStringUtf8());
        if (!parts.matches()) {
            return false;
        }
        int given = Integer.parseInt(parts.group(1));
        return given <= Math.max(cost, COST_ACCEPTED);
    }

    private <T> CompletableFuture<T> submit(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, workers);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(EtcdError.TOO_MANY_REQUESTS.exception());
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
