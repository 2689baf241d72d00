package io.keelson.apiserver.server;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The flags of {@link AccessSettings}. */
final class AccessFlags {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Mixin
    private AuthenticationFlags authentication = new AuthenticationFlags();

    @Mixin
    private AuthorizationFlags authorization = new AuthorizationFlags();

    @Mixin
    private AuditFlags audit = new AuditFlags();

    /** @throws IllegalArgumentException naming flags that do not go together */
    AccessSettings settings() {
        return new AccessSettings(
                authentication.settings(stated("--anonymous-auth")),
                authorization.settings(stated("--authorization-mode")),
                audit.settings());
    }

    private boolean stated(String flag) {
        CommandSpec of = command;
        ParseResult parsed = of == null ? null : of.commandLine().getParseResult();
        return parsed != null && parsed.hasMatchedOption(flag);
    }
}
