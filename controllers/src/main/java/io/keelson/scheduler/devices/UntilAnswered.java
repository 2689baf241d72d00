package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import java.net.HttpURLConnection;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends calls until there is an answer that says something: while it is not known whether something is written nobody knows
 * whether devices are given away. Ends without one when the scheduler does.
 */
final class UntilAnswered {
    private static final Logger LOG = LoggerFactory.getLogger(UntilAnswered.class);
    private static final int HTTP_SERVER_ERROR = 500;
    private static final int HTTP_TOO_MANY_REQUESTS = 429;
    private static final int BETWEEN_TRIES_MILLIS = 1000;

    private UntilAnswered() {}

    /** The API does not do it; the message says why. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        private final int code;

        private RefusedException(KubernetesClientException cause) {
            super(OrEmpty.of(Refusals.message(cause)), cause);
            code = cause.getCode();
        }

        /** The object is not what the call was computed from, or is there already. */
        boolean isConflict() {
            return code == HttpURLConnection.HTTP_CONFLICT;
        }

        /** The object is not there. */
        boolean isMissing() {
            return code == HttpURLConnection.HTTP_NOT_FOUND;
        }
    }

    /**
     * Sends a call.
     *
     * @param about whom, for the log
     */
    static <T> T send(String about, Supplier<T> call) throws RefusedException, InterruptedException {
        while (true) {
            try {
                return call.get();
            } catch (KubernetesClientException e) {
                int code = e.getCode();
                boolean isLater = code == HttpURLConnection.HTTP_CLIENT_TIMEOUT || code == HTTP_TOO_MANY_REQUESTS;
                if (code >= HttpURLConnection.HTTP_BAD_REQUEST && code < HTTP_SERVER_ERROR && !isLater) {
                    throw new RefusedException(e);
                }
                LOG.info("what the API says of {} is not known: {}", about, e.getMessage());
            } catch (RuntimeException e) {
                // Something on the way to the API stopped it, or its answer.
                LOG.info("what the API says of {} is not known: {}", about, e.getMessage());
            }
            Thread.sleep(BETWEEN_TRIES_MILLIS);
        }
    }
}
