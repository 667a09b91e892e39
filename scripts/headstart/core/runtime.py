"""Make TensorFlow repeatable: threads, seeds, deterministic operations, precision."""

import os

from headstart.core import gpus

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def prepare(*, threads, seed=0, precision="float32"):
    """Set up TensorFlow so that results depend on the arguments alone.

    A stage must call it before TensorFlow makes the first tensor. The number of threads determines the order in which
    gradients are summed. So it comes from the config and never from the machine. ``precision`` is float32 or bfloat16
    (multiplications in bfloat16, weights in float32).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    import threadpoolctl

    threadpoolctl.threadpool_limits(threads)  # scikit-learn's threads, too

    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if found := tf.config.list_physical_devices("GPU"):
        gpu = gpus.claim(found)
        tf.config.set_visible_devices(gpu, "GPU")
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(POLICIES[precision])
