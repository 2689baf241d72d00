package io.keelson.controllers.manager;

import io.keelson.controllers.runtime.ControllerDescriptor;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;

/** The controllers that {@code keelson controller-manager} runs, for tests that want all of them. */
public final class AllControllers {
    private AllControllers() {}

    /** Those that run with these flags about nodes and no others. */
    public static List<ControllerDescriptor> of(String... nodeFlags) throws IOException {
        List<ControllerDescriptor> known = KnownControllers.of(
                parsed(new NodeFlags(), nodeFlags),
                parsed(new TrustFlags()),
                parsed(new ObjectFlags()),
                parsed(new FeatureFlags()));
        return KnownControllers.selection(known).choose(List.of("*"));
    }

    private static <T> T parsed(T flags, String... given) {
        new CommandLine(flags).parseArgs(given);
        return flags;
    }
}
