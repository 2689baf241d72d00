package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.UserInfo;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Believes headers that say who asks, if they come from a proxy that shows a certificate of the authorities for proxies,
 * with a name that is allowed.
 */
public final class FrontProxyAuthenticator implements Authenticator {
    private final Settings settings;
    private final Supplier<List<X509Certificate>> authorities;
    private final InstantSource clock;

    /**
     * Which headers, and from whom.
     *
     * @param allowedNames common names of proxies; empty for any
     */
    public record Settings(
            Set<String> allowedNames,
            List<String> usernameHeaders,
            List<String> uidHeaders,
            List<String> groupHeaders,
            List<String> extraPrefixes) {
        public Settings {
            allowedNames = Set.copyOf(allowedNames);
            usernameHeaders = List.copyOf(usernameHeaders);
            uidHeaders = List.copyOf(uidHeaders);
            groupHeaders = List.copyOf(groupHeaders);
            extraPrefixes = List.copyOf(extraPrefixes);
        }

        /** The headers that aggregation uses everywhere. */
        public static Settings ordinary(Set<String> allowedNames) {
            return new Settings(
                    allowedNames,
                    List.of("X-Remote-User"),
                    List.of("X-Remote-Uid"),
                    List.of("X-Remote-Group"),
                    List.of("X-Remote-Extra-"));
        }
    }

    public FrontProxyAuthenticator(
            Settings settings, Supplier<List<X509Certificate>> authorities, InstantSource clock) {
        this.settings = settings;
        this.authorities = authorities;
        this.clock = clock;
    }

    @Override
    public Optional<Authenticated> authenticate(ApiRequest request) throws AuthenticationException {
        List<X509Certificate> shown = request.clientCertificates();
        if (shown.isEmpty()) {
            return Optional.empty();
        }
        // Looked at first because it is cheap: whoever sends no such header is no proxy
        String name = first(request.headers(), settings.usernameHeaders());
        if (name.isEmpty()) {
            return Optional.empty();
        }
        CertificateVerifier.verify(shown, authorities.get(), clock.instant());
        String proxy = CertificateSubject.of(shown.getFirst()).commonName();
        if (!settings.allowedNames().isEmpty() && !settings.allowedNames().contains(proxy)) {
            throw new AuthenticationException("x509: subject with cn=" + proxy + " is not in the allowed list");
        }
        List<String> groups = new ArrayList<>();
        settings.groupHeaders()
                .forEach(header -> request.headers().all(header).stream()
                        .filter(group -> !group.isEmpty())
                        .forEach(groups::add));
        return Optional.of(Authenticated.of(
                new UserInfo(name, first(request.headers(), settings.uidHeaders()), groups, extra(request.headers()))));
    }

    private static String first(Headers headers, List<String> names) {
        for (String name : names) {
            String value = headers.first(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    private Map<String, List<String>> extra(Headers headers) {
        Map<String, List<String>> extra = new LinkedHashMap<>();
        headers.fields().forEach((name, values) -> {
            for (String prefix : settings.extraPrefixes()) {
                if (name.toLowerCase(Locale.ROOT).startsWith(prefix.toLowerCase(Locale.ROOT))) {
                    extra.computeIfAbsent(HeaderNames.extraKey(name.substring(prefix.length())), _ -> new ArrayList<>())
                            .addAll(values);
                }
            }
        });
        return extra;
    }
}
