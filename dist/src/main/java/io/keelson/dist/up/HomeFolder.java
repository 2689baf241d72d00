package io.keelson.dist.up;

import java.nio.file.Path;
import java.util.Map;

/**
 * The user's home folder as kubectl takes it: what {@code HOME} says, whoever the user is. The JVM's own answer is that of
 * the user's entry in the system's list, which is another one under {@code sudo -E} and in containers.
 */
public final class HomeFolder {
    private HomeFolder() {}

    /** That of this process. */
    public static Path path() {
        return of(System.getenv(), System.getProperty("user.home", "/"));
    }

    /** @param otherwise if the environment names none */
    static Path of(Map<String, String> environment, String otherwise) {
        String home = environment.getOrDefault("HOME", "");
        return Path.of(home.isEmpty() ? otherwise : home);
    }

    /** Where a cluster is kept if nobody says where. */
    public static Path cluster() {
        return path().resolve(".keelson").toAbsolutePath().normalize();
    }

    /** What kubectl reads if nobody says what. */
    public static Path kubeconfig() {
        return path().resolve(".kube").resolve("config");
    }
}
