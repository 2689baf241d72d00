package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.authz.ExpiringCache;
import io.keelson.apiserver.authz.SharedAnswers;
import io.keelson.apiserver.errors.ApiException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which quotas a namespace has: those that the cache knows. Where it knows none the store itself is asked, because one may
 * have been made a moment ago; that it has none either is remembered for {@link #NONE_LIFE}, or until this server makes one.
 */
final class NamespaceQuotas {
    static final Duration NONE_LIFE = Duration.ofSeconds(1);

    private static final String QUOTAS = "resourcequotas";
    private static final int NAMESPACES_MAX = 8_192;
    private static final int QUESTIONS_MAX = 1_024;
    private static final Duration QUESTION_MAX = Duration.ofSeconds(10);

    private final ObjectLookup objects;
    private final ExpiringCache<Key, Boolean> none;
    private final SharedAnswers<Key, List<ObjectNode>> questions = new SharedAnswers<>(QUESTIONS_MAX, QUESTION_MAX);
    private final AtomicLong made = new AtomicLong();

    /** @param made how many quotas this server had made: an answer from before the last one says nothing any more */
    private record Key(String namespace, long made) {}

    NamespaceQuotas(ObjectLookup objects, InstantSource clock) {
        this.objects = objects;
        this.none = new ExpiringCache<>(NAMESPACES_MAX, clock);
    }

    /** @throws ApiException if the store does not answer */
    List<ObjectNode> of(String namespace) throws InterruptedException {
        Key key = new Key(namespace, made.get());
        List<ObjectNode> cached = objects.all("", QUOTAS, namespace);
        if (!cached.isEmpty() || none.get(key) != null) {
            return cached;
        }
        try {
            return questions.ask(key, () -> stored(key));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ApiException refusal) {
                throw refusal;
            }
            throw ApiException.internal("resource quota evaluation failed", e.getCause());
        } catch (TimeoutException e) {
            throw ApiException.internal("resource quota evaluation timed out", e);
        }
    }

    private List<ObjectNode> stored(Key key) throws InterruptedException {
        List<ObjectNode> quotas = objects.allNow("", QUOTAS, key.namespace());
        if (quotas.isEmpty()) {
            none.put(key, true, NONE_LIFE);
        }
        return quotas;
    }

    /** A quota was made, or may have been, in whatever namespace. */
    void made() {
        made.incrementAndGet();
    }
}
