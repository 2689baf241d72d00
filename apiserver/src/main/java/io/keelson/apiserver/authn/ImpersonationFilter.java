package io.keelson.apiserver.authn;

import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets somebody act as somebody else, by the headers {@code Impersonate-User}, {@code -Group}, {@code -Uid} and {@code
 * -Extra-KEY}, if they may. There are several ways to be allowed ({@link ImpersonationMode}): narrow ones, which are
 * limited to a kind of user and to what is done as that user, and the plain verb {@code impersonate}.
 */
public final class ImpersonationFilter implements Filter {
    private static final Logger log = LoggerFactory.getLogger(ImpersonationFilter.class);

    private static final String EXTRA_PREFIX = "impersonate-extra-";
    /** Every value is a question to the authorizers. */
    private static final int VALUES_MAX = 1_000;

    private final List<ImpersonationMode> modes;

    public ImpersonationFilter(Authorizer authorizer) {
        this.modes = ImpersonationMode.all(authorizer);
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        UserInfo wanted = wanted(request.headers());
        if (wanted == null) {
            return next.handle(request);
        }
        UserInfo actual = actual(request, wanted, Attributes.of(request));
        log.debug("{} is impersonating {}", request.user().name(), actual.name());
        request.becomes(actual);
        return next.handle(request);
    }

    /** The first way that allows it decides; if none does, the first one's refusal is told. */
    private UserInfo actual(ApiRequest request, UserInfo wanted, Attributes attributes) {
        ApiException refusal = null;
        for (ImpersonationMode mode : modes) {
            if (!mode.appliesTo(wanted, attributes.user())) {
                continue;
            }
            try {
                UserInfo actual = mode.check(wanted, attributes);
                if (mode.narrow()) {
                    request.audit().impersonatedBy(mode.verb());
                }
                return actual;
            } catch (ApiException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        if (refusal == null) {
            throw ApiException.internal("all impersonation modes failed", null);
        }
        throw refusal;
    }

    /** Whom the headers name, as they stand there; null if there are none. */
    private static @Nullable UserInfo wanted(Headers headers) {
        String name = text(headers.first("Impersonate-User"));
        String uid = text(headers.first("Impersonate-Uid"));
        List<String> groups = headers.all("Impersonate-Group");
        Map<String, List<String>> extra = new TreeMap<>();
        int values = groups.size();
        for (Map.Entry<String, List<String>> field : headers.fields().entrySet()) {
            String header = field.getKey().toLowerCase(Locale.ROOT);
            if (header.startsWith(EXTRA_PREFIX)) {
                extra.computeIfAbsent(
                                HeaderNames.extraKey(header.substring(EXTRA_PREFIX.length())), _ -> new ArrayList<>())
                        .addAll(field.getValue());
                values += field.getValue().size();
            }
        }
        if (values > VALUES_MAX) {
            throw ApiException.badRequest("more than " + VALUES_MAX + " groups and extra values to impersonate");
        }
        if (!name.isEmpty()) {
            return new UserInfo(name, uid, groups, extra);
        }
        if (!uid.isEmpty() || !groups.isEmpty() || !extra.isEmpty()) {
            throw ApiException.badRequest(
                    "requested " + shown(uid, groups, extra) + " without impersonating a user name");
        }
        return null;
    }

    /** The way the original prints it. */
    private static String shown(String uid, List<String> groups, Map<String, List<String>> extra) {
        String keys = extra.entrySet().stream()
                .map(entry -> GoText.quoted(entry.getKey()) + ":" + shown(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
        return "&user.DefaultInfo{Name:\"\", UID:" + GoText.quoted(uid) + ", Groups:" + shown(groups)
                + ", Extra:map[string][]string" + (extra.isEmpty() ? "(nil)" : keys) + "}";
    }

    private static String shown(List<String> values) {
        return values.isEmpty()
                ? "[]string(nil)"
                : values.stream().map(GoText::quoted).collect(Collectors.joining(", ", "[]string{", "}"));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
