/**
 * Groups of pods that are to be deleted stay while pods that have not ended belong to them, as what a group says of its pods
 * would be gone otherwise. The API server puts a finalizer on each group that is made; in come groups that are to be
 * deleted and pods that end or go, out goes the finalizer of groups that have no more pods.
 */
@NullMarked
package io.keelson.controllers.podgroupprotection;

import org.jspecify.annotations.NullMarked;
