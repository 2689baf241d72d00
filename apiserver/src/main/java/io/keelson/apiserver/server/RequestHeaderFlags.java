package io.keelson.apiserver.server;

import io.keelson.apiserver.authn.FrontProxyAuthenticator;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AuthenticationSettings.FrontProxy}. */
final class RequestHeaderFlags {
    @Option(
            names = "--requestheader-client-ca-file",
            paramLabel = "FILE",
            description = "Whose certificates proxies show that say in headers who asks.")
    private @Nullable Path caFile;

    @Option(
            names = "--requestheader-allowed-names",
            split = ",",
            paramLabel = "NAME",
            description = "Common names that those certificates may have. Default: any")
    private List<String> allowedNames = List.of();

    @Option(
            names = "--requestheader-username-headers",
            split = ",",
            paramLabel = "HEADER",
            description = "Headers with the name of the user; X-Remote-User is common.")
    private List<String> usernameHeaders = List.of();

    @Option(
            names = "--requestheader-uid-headers",
            split = ",",
            paramLabel = "HEADER",
            description = "Headers with the UID of the user; X-Remote-Uid is common.")
    private List<String> uidHeaders = List.of();

    @Option(
            names = "--requestheader-group-headers",
            split = ",",
            paramLabel = "HEADER",
            description = "Headers with the groups of the user; X-Remote-Group is common.")
    private List<String> groupHeaders = List.of();

    @Option(
            names = "--requestheader-extra-headers-prefix",
            split = ",",
            paramLabel = "PREFIX",
            description = "Beginnings of headers with more about the user; X-Remote-Extra- is common.")
    private List<String> extraPrefixes = List.of();

    /** Null if no proxy is to be believed. */
    AuthenticationSettings.@Nullable FrontProxy settings() {
        requireText("requestheader-username-headers", usernameHeaders);
        requireText("requestheader-uid-headers", uidHeaders);
        requireText("requestheader-group-headers", groupHeaders);
        requireText("requestheader-extra-headers-prefix", extraPrefixes);
        requireText("requestheader-allowed-names", allowedNames);
        Path file = caFile;
        return file == null
                ? null
                : new AuthenticationSettings.FrontProxy(
                        file,
                        new FrontProxyAuthenticator.Settings(
                                new HashSet<>(allowedNames), usernameHeaders, uidHeaders, groupHeaders, extraPrefixes));
    }

    private static void requireText(String flag, List<String> values) {
        if (values.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("empty value in \"" + flag + "\"");
        }
    }
}
