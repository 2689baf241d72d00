package io.keelson.controllers.serviceaccount;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of tokens that were once made for each account by itself. One that has not been used for a time, by a
 * request or by a pod, is first made invalid; if nobody misses it for the same time again, it is deleted.
 *
 * @param now the time
 * @param period how long one may go unused
 */
record LegacyTokens(Instant now, Duration period) {
    static final String LAST_USED = "kubernetes.io/legacy-token-last-used";
    static final String INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since";

    /** What is to be done with one. */
    enum Fate {
        /** It is used, or young, or it is not known that it was made by itself. */
        KEEP,
        /** It gets the label that makes it invalid from today. */
        INVALIDATE,
        /** It has been invalid for long enough. */
        DELETE
    }

    /** Whether uses have been kept track of for long enough to tell that a token was not used. */
    boolean canTell(@Nullable String trackedSince) {
        LocalDate first = day(trackedSince);
        return first != null
                && !now.isBefore(first.plusDays(1)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()
                        .plus(period));
    }

    /** Today, as labels have it. */
    String today() {
        return LocalDate.ofInstant(now, ZoneOffset.UTC).toString();
    }

    /**
     * What is to become of a Secret.
     *
     * @param account the one that it names; null if that is not there
     * @param mounted whether a pod of its namespace uses a Secret; asked last
     */
    Fate of(Secret secret, @Nullable ServiceAccount account, Predicate<String> mounted) {
        Instant oldest = now.minus(period);
        LocalDate oldestDay = LocalDate.ofInstant(oldest, ZoneOffset.UTC);
        Map<String, String> labels = OrEmpty.of(secret.getMetadata().getLabels());
        Instant created = Pods.time(secret.getMetadata().getCreationTimestamp());
        if (TokenSecret.account(secret).isEmpty()
                || created == null
                || !created.isBefore(oldest)
                || secret.getMetadata().getDeletionTimestamp() != null) {
            return Fate.KEEP;
        }
        if (labels.containsKey(LAST_USED)) {
            LocalDate lastUsed = day(labels.get(LAST_USED));
            if (lastUsed == null || !lastUsed.isBefore(oldestDay)) {
                return Fate.KEEP;
            }
        }
        String name = secret.getMetadata().getName();
        boolean madeByItself = account != null
                && TokenSecret.isOf(secret, account)
                && OrEmpty.of(account.getSecrets()).stream().anyMatch(mention -> name.equals(mention.getName()));
        if (!madeByItself || mounted.test(name)) {
            return Fate.KEEP;
        }
        LocalDate invalidSince = day(labels.get(INVALID_SINCE));
        if (invalidSince == null) {
            return Fate.INVALIDATE;
        }
        return invalidSince.isBefore(oldestDay) ? Fate.DELETE : Fate.KEEP;
    }

    /** What makes a Secret invalid, of the very version that was looked at: a use that was not seen yet must count. */
    static Map<String, Object> invalid(Secret secret, String today) {
        return Map.of(
                "metadata",
                Map.of(
                        "uid", secret.getMetadata().getUid(),
                        "resourceVersion", secret.getMetadata().getResourceVersion(),
                        "labels", Map.of(INVALID_SINCE, today)));
    }

    private static @Nullable LocalDate day(@Nullable String text) {
        try {
            return text == null ? null : LocalDate.parse(text);
        } catch (DateTimeException e) {
            // A user may write anything; it is no day.
            return null;
        }
    }
}
