/**
 * Keeps claims and volumes until nobody needs them. A finalizer holds back the deletion of a claim while a pod uses it, and
 * of a volume while it is bound; these controllers put it on what lacks it, and take it off what is to be deleted and not
 * needed.
 *
 * <p>A cache of pods may lack the pod that has just been put on a node. So before a claim is let go the pods of its namespace
 * are read from the API, after the claim was seen to be deleted: from then on nodes start no pod with it. One such list is
 * read for all claims of a namespace that wait at that moment.
 */
@NullMarked
package io.keelson.controllers.volumeprotection;

import org.jspecify.annotations.NullMarked;
