package io.keelson.apiserver.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Has the classes of certain source files log in detail, whatever the rest does: {@code --vmodule}. A pattern is for the
 * name of a file without its folder and ending, which is that of a class, {@code EtcdStore} or {@code Etcd*} for example.
 */
final class DetailedFiles extends TurboFilter {
    private final List<PathMatcher> patterns;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    private DetailedFiles(List<PathMatcher> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /**
     * Reads what the flag says.
     *
     * @param settings {@code pattern=N} each; what is empty is passed over
     * @param least from which N on details are logged
     * @throws IllegalArgumentException naming the flag
     */
    static DetailedFiles of(List<String> settings, int least) {
        List<PathMatcher> patterns = new ArrayList<>();
        for (String setting : settings) {
            if (setting.isEmpty()) {
                continue;
            }
            String[] parts = setting.split("=", -1);
            if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
                throw new IllegalArgumentException("--vmodule: \"" + setting + "\" does not have the pattern=N format");
            }
            int level = number(setting, parts[1]);
            PathMatcher pattern;
            try {
                pattern = FileSystems.getDefault().getPathMatcher("glob:" + parts[0]);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--vmodule: \"" + parts[0] + "\" is no pattern", e);
            }
            if (level >= least) {
                patterns.add(pattern);
            }
        }
        return new DetailedFiles(patterns);
    }

    private static int number(String setting, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, as a number below 0 is.
        }
        throw new IllegalArgumentException("--vmodule: parsing verbosity in \"" + setting + "\": invalid syntax");
    }

    /** Whether there is nothing to do for it. */
    boolean isEmpty() {
        return patterns.isEmpty();
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] parameters,
            @Nullable Throwable thrown) {
        return level.isGreaterOrEqual(Level.DEBUG) && known.computeIfAbsent(logger.getName(), this::isMeant)
                ? FilterReply.ACCEPT
                : FilterReply.NEUTRAL;
    }

    private boolean isMeant(String className) {
        String file = className.substring(className.lastIndexOf('.') + 1);
        int nested = file.indexOf('$');
        Path name = Path.of(nested < 0 ? file : file.substring(0, nested));
        return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }
}
