package io.keelson.controllers.storagemigration;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.MetadataClient;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The way of one migration over the objects of its kind. It holds the rest of one page. One thread at a time; what is done is
 * done again without harm.
 */
final class Walk {
    private static final int PAGE = 500;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,100}");

    /** What a server says that cannot just now; it may when asked again. */
    private static final Set<Integer> TRY_AGAIN = Set.of(0, 408, 429, 500, 502, 503, 504);

    private final MetadataClient client;
    private final Kind kind;
    private final String begin;
    private final String manager;
    private final Deque<Metadata> waiting = new ArrayDeque<>();
    private String next = "";
    private boolean all;

    /**
     * At the first object.
     *
     * @param begin the resource version from which on objects are stored as they are to be
     * @param manager who writes them
     */
    Walk(MetadataClient client, Kind kind, String begin, String manager) {
        this.client = client;
        this.kind = kind;
        this.begin = begin;
        this.manager = manager;
    }

    /** Over which objects it goes. */
    Kind kind() {
        return kind;
    }

    /**
     * Writes some objects, and comes to the end or is called again.
     *
     * @param writesMax how many at most
     * @return whether it is at the end
     * @throws KubernetesClientException if an object cannot be written now, or not at all ({@link #isFinal})
     */
    boolean advance(int writesMax) throws InterruptedException {
        int left = writesMax;
        while (true) {
            while (!waiting.isEmpty()) {
                Metadata object = waiting.getFirst();
                if (isOlder(object.resourceVersion(), begin)) {
                    if (left == 0) {
                        return false;
                    }
                    left--;
                    write(object);
                }
                waiting.removeFirst();
            }
            if (all) {
                return true;
            }
            turnPage();
        }
    }

    private void turnPage() throws InterruptedException {
        try {
            MetadataClient.Page page = client.page(kind, next, PAGE);
            waiting.addAll(page.objects());
            next = page.next();
            all = next.isEmpty();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_GONE || next.isEmpty()) {
                throw e;
            }
            // The moment of its pages is forgotten: those of this moment, of which the first are done.
            next = "";
        }
    }

    private void write(Metadata object) throws InterruptedException {
        try {
            client.touch(kind, object, manager);
        } catch (KubernetesClientException e) {
            // It was changed, and so stored as it is to be, or is gone, or another one has its name.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /**
     * Whether an object has not been written since the migration began. Versions are numbers; of any that are not nothing is
     * known, and the object is written.
     */
    static boolean isOlder(String version, String begin) {
        if (!NUMBER.matcher(version).matches() || !NUMBER.matcher(begin).matches()) {
            return true;
        }
        return new BigInteger(version).compareTo(new BigInteger(begin)) <= 0;
    }

    /** Whether what the API said will be no other when it is asked again. */
    static boolean isFinal(KubernetesClientException refusal) {
        return !TRY_AGAIN.contains(refusal.getCode());
    }
}
