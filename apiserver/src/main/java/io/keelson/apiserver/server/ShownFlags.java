package io.keelson.apiserver.server;

import io.keelson.apiserver.schema.Durations;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a command line comes to, given or not, in words: lists as {@code [Node,RBAC]}, spans of time as {@code 1m0s}. */
final class ShownFlags {
    private ShownFlags() {}

    /** The values of all flags by their names, without what they begin with; empty for what has no value. */
    static Map<String, String> of(CommandSpec command) {
        Map<String, String> shown = new TreeMap<>();
        for (OptionSpec option : command.options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                Object value = option.getValue();
                shown.put(option.longestName().replaceFirst("^-+", ""), text(value));
            }
        }
        return shown;
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Collection<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
            case Duration span -> Durations.text(span);
            default -> value.toString();
        };
    }
}
