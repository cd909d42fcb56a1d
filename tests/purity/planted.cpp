// One step outside of each kind; the purity test must name every one of them.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

long planted() {
  long sum = std::chrono::steady_clock::now().time_since_epoch().count();
  sum += std::chrono::system_clock::now().time_since_epoch().count();
  timespec moment{};
  clock_gettime(CLOCK_BOOTTIME, &moment);
  sum += std::time(nullptr) + moment.tv_nsec + std::rand();
  sum += std::random_device{}();
  sum += socket(AF_INET, SOCK_STREAM, 0) + open("file", O_RDONLY);
  sum += std::getenv("HOME") != nullptr;
  std::ofstream("file") << sum;
  std::cout << sum;
  static std::mutex mutex;
  const std::lock_guard guard(mutex);
  std::thread([&sum] { usleep(static_cast<unsigned>(sum)); }).join();
  return sum;
}
