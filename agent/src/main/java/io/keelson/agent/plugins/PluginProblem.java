package io.keelson.agent.plugins;

/** Why a plugin is not taken; it is told so, and asked again later. */
public final class PluginProblem extends Exception {
    private static final long serialVersionUID = 1;

    /** @param message in words that the plugin's author can do something with */
    public PluginProblem(String message) {
        super(message);
    }

    /** The same with what it comes from. */
    public PluginProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
