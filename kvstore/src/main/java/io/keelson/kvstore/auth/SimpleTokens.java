package io.keelson.kvstore.auth;

import java.security.SecureRandom;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Simple tokens: 16 random letters, a dot, and the index of the log entry that assigned them. Every member learns of a
 * token from the log and keeps it in memory only, with a time to live of its own that starts again with every use on
 * that member. They are gone after a restart, and clients authenticate again.
 *
 * <p>At most {@link #TOKENS_MAX}; with more, those unused for longest go first. Any thread.
 */
public final class SimpleTokens implements Tokens {
    static final int TOKENS_MAX = 100_000;

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int PREFIX_LENGTH = 16;

    private final long ttlNanos;
    private final LongSupplier nanoTime;
    private final SecureRandom random = new SecureRandom();
    /** By token, the one unused for longest first, which is the order in which they expire. Guarded by this. */
    private final Map<String, Holder> holders = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Holder {
        final String user;
        long expiresNanos;

        Holder(String user, long expiresNanos) {
            this.user = user;
            this.expiresNanos = expiresNanos;
        }
    }

    /**
     * @param ttlSeconds how long a token that is not used holds
     * @param nanoTime a clock such as {@link System#nanoTime}
     */
    public SimpleTokens(long ttlSeconds, LongSupplier nanoTime) {
        this.ttlNanos = TimeUnit.SECONDS.toNanos(ttlSeconds);
        this.nanoTime = nanoTime;
    }

    /** The random part of a new token. */
    String newPrefix() {
        StringBuilder prefix = new StringBuilder(PREFIX_LENGTH);
        for (int i = 0; i < PREFIX_LENGTH; i++) {
            prefix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return prefix.toString();
    }

    /** Whether a text could be a token at all. */
    static boolean wellFormed(String token) {
        int dot = token.indexOf('.');
        if (dot < 0 || dot + 1 == token.length() || token.length() - dot > 21) {
            return false;
        }
        return token.chars().skip(dot + 1L).allMatch(c -> c >= '0' && c <= '9');
    }

    synchronized void assign(String token, String user) {
        dropExpired();
        holders.put(token, new Holder(user, nanoTime.getAsLong() + ttlNanos));
        if (holders.size() > TOKENS_MAX) {
            Iterator<String> oldest = holders.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** The user of a token, whose time to live starts again; null for a token that is not known. */
    synchronized @Nullable String use(String token) {
        dropExpired();
        Holder holder = holders.get(token);
        if (holder == null) {
            return null;
        }
        holder.expiresNanos = nanoTime.getAsLong() + ttlNanos;
        return holder.user;
    }

    @Override
    public @Nullable RequestUser recognise(String token, long authRevision) {
        String user = use(token);
        return user == null ? null : new RequestUser(user, authRevision);
    }

    synchronized boolean knows(String token) {
        return holders.containsKey(token);
    }

    synchronized void dropUser(String user) {
        holders.values().removeIf(holder -> holder.user.equals(user));
    }

    synchronized void clear() {
        holders.clear();
    }

    /** How many tokens there are. */
    public synchronized int count() {
        dropExpired();
        return holders.size();
    }

    private void dropExpired() {
        long now = nanoTime.getAsLong();
        Iterator<Holder> oldest = holders.values().iterator();
        while (oldest.hasNext() && now - oldest.next().expiresNanos > 0) {
            oldest.remove();
        }
    }
}
