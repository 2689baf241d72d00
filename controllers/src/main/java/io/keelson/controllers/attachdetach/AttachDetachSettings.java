package io.keelson.controllers.attachdetach;

/**
 * How volumes are detached.
 *
 * @param disableForceDetachOnTimeout {@code --disable-force-detach-on-timeout}: whether a volume stays attached for ever to a
 *     node that is not ready and does not let it go
 */
public record AttachDetachSettings(boolean disableForceDetachOnTimeout) {
    /** As without flags. */
    public static final AttachDetachSettings DEFAULT = new AttachDetachSettings(false);
}
