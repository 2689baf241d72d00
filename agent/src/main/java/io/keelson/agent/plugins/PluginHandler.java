package io.keelson.agent.plugins;

/** What becomes of plugins of a type. Called on one thread for each socket; for different sockets at the same time. */
public interface PluginHandler {
    /**
     * A plugin is there, maybe again after it was restarted. Right when repeated.
     *
     * @throws PluginProblem if it cannot be used, now or ever
     */
    void register(Plugin plugin) throws PluginProblem, InterruptedException;

    /** A plugin that was there is gone. Right when repeated, also after another socket has registered the same name. */
    void deregister(Plugin plugin) throws InterruptedException;
}
