package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.QueryValues;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a log is wanted.
 *
 * @param container empty if the client has not said
 * @param insecure whether the certificate of the node's agent does not matter
 * @param query what the agent is asked, with a question mark in front; empty for everything
 */
record LogOptions(String container, boolean insecure, String query) {
    /**
     * Reads the query of a request.
     *
     * @throws ApiException BadRequest for what cannot be read; Invalid for what makes no sense
     */
    static LogOptions parse(Query query, String pod) {
        Long tail = QueryValues.optionalLong(query, "tailLines");
        Long limit = QueryValues.optionalLong(query, "limitBytes");
        Long seconds = QueryValues.optionalLong(query, "sinceSeconds");
        String time = query.text("sinceTime");
        FieldErrors errors = new FieldErrors();
        if (tail != null && tail < 0) {
            errors.invalid(FieldPath.of("tailLines"), tail, "must be greater than or equal to 0");
        }
        if (limit != null && limit < 1) {
            errors.invalid(FieldPath.of("limitBytes"), limit, "must be greater than 0");
        }
        if (seconds != null && !time.isEmpty()) {
            errors.forbidden(FieldPath.nameless(), "at most one of `sinceTime` or `sinceSeconds` may be specified");
        } else if (seconds != null && seconds < 1) {
            errors.invalid(FieldPath.of("sinceSeconds"), seconds, "must be greater than 0");
        }
        if (!query.text("stream").isEmpty()) {
            // For the gate PodLogsQuerySplitStreams, which is off: both streams come together.
            errors.forbidden(FieldPath.of("stream"), "may not be specified");
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("", "PodLogOptions"), pod, errors.list());
        }
        Map<String, String> asked = new TreeMap<>();
        for (String flag : new String[] {"follow", "previous", "timestamps"}) {
            if (query.flag(flag)) {
                asked.put(flag, "true");
            }
        }
        if (!time.isEmpty()) {
            asked.put("sinceTime", checkedTime(time));
        }
        number(asked, "tailLines", tail);
        number(asked, "limitBytes", limit);
        number(asked, "sinceSeconds", seconds);
        String text = asked.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return new LogOptions(
                query.text("container"), query.flag("insecureSkipTLSVerifyBackend"), text.isEmpty() ? "" : "?" + text);
    }

    private static void number(Map<String, String> asked, String name, @Nullable Long value) {
        if (value != null) {
            asked.put(name, Long.toString(value));
        }
    }

    private static String checkedTime(String time) {
        try {
            return Timestamps.seconds(Timestamps.parse(time));
        } catch (MalformedException e) {
            throw ApiException.badRequest(e.message());
        }
    }
}
