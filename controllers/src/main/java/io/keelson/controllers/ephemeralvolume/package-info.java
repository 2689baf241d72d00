/**
 * Makes the claims of generic ephemeral volumes. A pod that describes one gets a claim named after itself and the volume,
 * which it owns: it goes with the pod. A claim of that name that is not the pod's is a conflict that is told and not touched,
 * since its data is somebody else's.
 */
@NullMarked
package io.keelson.controllers.ephemeralvolume;

import org.jspecify.annotations.NullMarked;
