package io.keelson.controllers.certificates;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** How long requests are kept, as the API's documentation says it. */
final class RequestLifetime {
    private static final Duration DECIDED = Duration.ofHours(1);
    private static final Duration PENDING = Duration.ofDays(1);

    private RequestLifetime() {}

    /**
     * When a request is to be deleted: an hour after it was denied, failed, or approved and signed; a day after it came
     * if nothing has been said of it; and once its certificate has expired.
     *
     * @return the end of time for one that is kept
     */
    static Instant end(CertificateSigningRequest request) {
        Instant end = Instant.MAX;
        boolean issued = !RequestState.certificate(request).isEmpty();
        if (RequestState.conditions(request).isEmpty()) {
            end = after(request.getMetadata().getCreationTimestamp(), PENDING);
        }
        for (CertificateSigningRequestCondition condition : RequestState.conditions(request)) {
            boolean decided = switch (OrEmpty.of(condition.getType())) {
                case "Denied", "Failed" -> true;
                case "Approved" -> issued;
                default -> false;
            };
            if (decided) {
                end = earlier(end, after(condition.getLastUpdateTime(), DECIDED));
            }
        }
        return issued && RequestState.has(request, "Approved")
                ? earlier(end, expiry(RequestState.certificate(request)))
                : end;
    }

    private static Instant after(@Nullable String time, Duration duration) {
        Instant parsed = Pods.time(time);
        return parsed == null ? Instant.MAX : parsed.plus(duration);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant expiry(String base64) {
        try {
            return ((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(Base64.getDecoder().decode(base64))))
                    .getNotAfter()
                    .toInstant();
        } catch (CertificateException | IllegalArgumentException e) {
            // Another signer's; its age says enough.
            return Instant.MAX;
        }
    }
}
