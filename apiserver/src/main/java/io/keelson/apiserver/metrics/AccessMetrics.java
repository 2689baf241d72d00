package io.keelson.apiserver.metrics;

import io.keelson.apiserver.authn.Authenticated;
import io.keelson.apiserver.authn.AuthenticationException;
import io.keelson.apiserver.authn.Authenticator;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Decision;
import io.keelson.apiserver.authz.RuleList;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times who was let in and what was allowed. Any thread. */
public final class AccessMetrics {
    private static final Duration[] EXPIRATIONS = {
        Duration.ZERO,
        Duration.ofMinutes(30),
        Duration.ofHours(1),
        Duration.ofHours(2),
        Duration.ofHours(6),
        Duration.ofHours(12),
        Duration.ofDays(1),
        Duration.ofDays(2),
        Duration.ofDays(4),
        Duration.ofDays(7),
        Duration.ofDays(30),
        Duration.ofDays(90),
        Duration.ofDays(180),
        Duration.ofDays(360)
    };

    private final Metrics.Histograms authenticating;
    private final Metrics.Histograms authorizing;
    private final Metrics.Counters attempts;
    private final Metrics.Counters decisions;
    private final Metrics.Counters decisionsByAuthorizer;
    private final Metrics.Histogram expirations;
    private final LongAdder administrator;
    private final LongAdder others;

    public AccessMetrics(Metrics metrics) {
        double[] seconds = Metrics.doubling(0.001, 15);
        authenticating = metrics.histograms(
                "authentication_duration_seconds", "How long it took to find out who sent a request.", seconds);
        attempts = metrics.counters("authentication_attempts", "Requests whose sender was asked for, by the result.");
        authorizing = metrics.histograms(
                "authorization_duration_seconds", "How long it took to decide whether it may be done.", seconds);
        decisions = metrics.counters("authorization_attempts_total", "Decisions on requests, by the result.");
        decisionsByAuthorizer = metrics.counters(
                "apiserver_authorization_decisions_total",
                "Decisions on requests, by the type and the name of who decided, and what that was.");
        expirations = metrics.histogram(
                "apiserver_client_certificate_expiration_seconds",
                "For how much longer the certificates are valid that clients show.",
                Arrays.stream(EXPIRATIONS).mapToDouble(Duration::toSeconds).toArray());
        Metrics.Counters users = metrics.counters(
                "authenticated_user_requests", "Requests of known users, by their name: admin, or other.");
        administrator = users.at(Metrics.label("username", "admin"));
        others = users.at(Metrics.label("username", "other"));
    }

    /** A client has shown a certificate that is valid for so many more seconds, below 0 if it is not valid any more. */
    public void certificateShown(double remainingSeconds) {
        expirations.observe(remainingSeconds);
    }

    /** The same authenticator, measured. */
    public Authenticator measured(Authenticator authenticator) {
        return request -> authenticate(authenticator, request);
    }

    private Optional<Authenticated> authenticate(Authenticator authenticator, ApiRequest request)
            throws AuthenticationException, InterruptedException {
        long start = System.nanoTime();
        String result = "error";
        try {
            Optional<Authenticated> found = authenticator.authenticate(request);
            result = found.isPresent() ? "success" : "failure";
            if (found.isPresent()) {
                (found.get().user().name().equals("admin") ? administrator : others).increment();
            }
            return found;
        } finally {
            String label = Metrics.label("result", result);
            attempts.at(label).increment();
            authenticating.at(label).observeNanos(System.nanoTime() - start);
        }
    }

    /** The same authorizer, measured. */
    public Authorizer measured(Authorizer authorizer) {
        return new Authorizer() {
            @Override
            public Decision authorize(Attributes attributes) {
                long start = System.nanoTime();
                Decision decision = authorizer.authorize(attributes);
                String label = Metrics.label("result", result(decision));
                decisions.at(label).increment();
                authorizing.at(label).observeNanos(System.nanoTime() - start);
                return decision;
            }

            @Override
            public RuleList rulesFor(UserInfo user, String namespace) {
                return authorizer.rulesFor(user, namespace);
            }
        };
    }

    /** One of the authorizers has decided; who has no opinion has not. */
    public void decided(String type, String name, Decision decision) {
        if (decision.verdict() != Decision.Verdict.NO_OPINION) {
            boolean allowed = decision.verdict() == Decision.Verdict.ALLOW;
            decisionsByAuthorizer
                    .at(RequestLabels.join(
                            Metrics.label("decision", allowed ? "allowed" : "denied"),
                            Metrics.label("name", name),
                            Metrics.label("type", type)))
                    .increment();
        }
    }

    private static String result(Decision decision) {
        return switch (decision.verdict()) {
            case ALLOW -> "allowed";
            case DENY -> decision.error().isEmpty() ? "denied" : "error";
            case NO_OPINION -> decision.error().isEmpty() ? "no-opinion" : "error";
        };
    }
}
